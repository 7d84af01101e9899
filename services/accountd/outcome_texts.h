#pragma once
#include <string_view>

#include "logins/authenticator.h"
#include "mail/v1/account.pb.h"

namespace posthouse::accountd {

/// As the program that asked is told: a wrong name and a wrong password are the same.
mail::v1::AuthenticateResponse::Result asTold(Outcome::Result result);

/// As the log and the metrics say it.
std::string_view label(Outcome::Result result);

}  // namespace posthouse::accountd
