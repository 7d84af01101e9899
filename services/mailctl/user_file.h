#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "mail/admin/v1/accounts.pb.h"

namespace posthouse::mailctl {

/// The users of a CSV: address,password[,quota], or what its first line says if that names columns: address, password,
/// password_hash and quota, in any order. Each request knows its line. Throws Failure with the line, `name` before it,
/// if the file is not like that; what a column holds is for accountd to judge, but for the quota.
std::vector<mail::admin::v1::AddUserRequest> readUsers(std::string_view text, const std::string& name);

}  // namespace posthouse::mailctl
