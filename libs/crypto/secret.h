#pragma once
#include <string>
#include <string_view>

namespace posthouse::crypto {

/// Equal, found out in a time that depends on the lengths alone: what is compared may be a secret.
bool equalInConstantTime(std::string_view a, std::string_view b) noexcept;

/// Overwrites the characters with zeros in a way that the optimiser keeps, then empties the string.
void wipe(std::string& secret) noexcept;

}  // namespace posthouse::crypto
