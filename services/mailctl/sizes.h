#pragma once
#include <cstdint>
#include <string>

namespace posthouse::mailctl {

/// "1GiB", "500MB", "0" or "unlimited" as octets, 0 for unlimited. Throws Failure(usage).
std::int64_t parseQuota(const std::string& text);
/// The other way, for people.
std::string showQuota(std::int64_t octets);
/// The other way, without rounding.
std::string exactQuota(std::int64_t octets);

}  // namespace posthouse::mailctl
