#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/section.h"
#include "logins/credentials.h"
#include "logins/mechanisms.h"

namespace posthouse::accountd {

/// What the mechanisms are made of.
struct MechanismParts {
  Authenticator& authenticator;
  Credentials& credentials;
  std::uint32_t scramIterations;  // 0: there are no keys for SCRAM
};

/// [accountd] mechanisms: those that are offered, the first first.
std::vector<std::string> readMechanisms(config::Section& section, std::uint32_t scramIterations);

Mechanisms offer(const std::vector<std::string>& names, const MechanismParts& parts);

}  // namespace posthouse::accountd
