#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "kerberos/kerberos.h"
#include "logins/certificate_holders.h"
#include "logins/credentials.h"
#include "logins/mechanisms.h"
#include "logins/second_factors.h"
#include "logins/shared_secrets.h"
#include "observe/log.h"
#include "tokens/token_verifier.h"

namespace posthouse::accountd {

/// What the mechanisms are made of.
struct MechanismParts {
  Authenticator& authenticator;
  Credentials& credentials;
  SecondFactors& factors;
  SharedSecrets& sharedSecrets;
  CertificateHolders& holders;
  std::uint32_t scramIterations = 0;                     // 0: there are no keys for SCRAM
  std::optional<KerberosParts> kerberos = std::nullopt;  // nothing: there is no GSSAPI
  TokenVerifier* tokens = nullptr;                       // null: there are no issuers, and no OAUTHBEARER or XOAUTH2
  std::string anonymousAccount{};                        // its login; empty: there is no ANONYMOUS
  std::string hostname{};
  observe::Log log;
};

/// By mechanism, why it cannot be offered: what the configuration lacks, and how to mend it.
using Lacking = std::map<std::string_view, std::string>;

/// [accountd] mechanisms: those that are offered, the first first.
std::vector<std::string> readMechanisms(config::Section& section, const Lacking& lacking);

/// Whether a mechanism works only for whose keys are stored here: not for users of an external directory, who are known
/// by a password that it alone can check.
bool needsStoredKeys(std::string_view mechanism);

Mechanisms offer(const std::vector<std::string>& names, const MechanismParts& parts);

}  // namespace posthouse::accountd
