#include "mechanisms/offer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/ascii.h"
#include "base/clock.h"
#include "mechanisms/anonymous.h"
#include "mechanisms/bearer.h"
#include "mechanisms/cram_md5.h"
#include "mechanisms/external.h"
#include "mechanisms/gssapi.h"
#include "mechanisms/password.h"
#include "mechanisms/scram.h"

namespace posthouse::accountd {
namespace {

/// A mechanism that this program can lead, in the order in which clients should choose.
struct Known {
  std::string_view name;
  bool isUsual = true;  // offered unless the configuration says otherwise, if it lacks nothing
};

constexpr Known kKnown[] = {
    // There are clients that choose a -PLUS because it is there, and cannot bind to TLS (neomutt with GNU SASL).
    {"SCRAM-SHA-256-PLUS", false},
    {"SCRAM-SHA-256"},
    {"SCRAM-SHA-1-PLUS", false},
    {"SCRAM-SHA-1"},
    {"EXTERNAL"},  // announced to clients that have shown a certificate
    {"GSSAPI"},
    {"OAUTHBEARER"},
    {"XOAUTH2"},
    {"PLAIN"},
    {"LOGIN"},
    {"CRAM-MD5", false},
    {"ANONYMOUS"},
};

std::unique_ptr<Mechanism> make(std::string_view name, const MechanismParts& parts, bool offersPlus) {
  if (sasl::scramMechanism(name))
    return std::make_unique<Scram>(name, parts.credentials, parts.factors, parts.scramIterations, offersPlus);
  if (name == "EXTERNAL") return std::make_unique<External>(parts.holders, systemClock());
  if (name == "GSSAPI") return std::make_unique<Gssapi>(parts.kerberos.value());
  if (name == "OAUTHBEARER" || name == "XOAUTH2")
    return std::make_unique<BearerMechanism>(name, parts.holders, *parts.tokens);
  if (name == "CRAM-MD5") return std::make_unique<CramMd5>(parts.sharedSecrets, parts.hostname);
  if (name == "ANONYMOUS") return std::make_unique<Anonymous>(parts.credentials, parts.anonymousAccount, parts.log);
  return std::make_unique<PasswordMechanism>(name, parts.authenticator);
}

}  // namespace

std::vector<std::string> readMechanisms(config::Section& section, const Lacking& lacking) {
  std::vector<std::string_view> possible;
  std::vector<std::string> usual;
  for (const Known& known : kKnown) {
    if (lacking.contains(known.name)) continue;
    possible.push_back(known.name);
    if (known.isUsual) usual.emplace_back(known.name);
  }
  std::vector<std::string> chosen = section.list("mechanisms", usual);
  for (std::string& name : chosen) {
    name = ascii::toUpper(name);
    if (const auto lack = lacking.find(name); lack != lacking.end()) {
      section.fail("mechanisms", fmt::format("{} needs {}", name, lack->second));
    } else if (std::ranges::find(possible, name) == possible.end()) {
      section.fail("mechanisms", fmt::format("{} is none of {}", name, fmt::join(possible, ", ")));
    }
  }
  return chosen;
}

bool needsStoredKeys(std::string_view mechanism) {
  return sasl::scramMechanism(mechanism).has_value();
}

Mechanisms offer(const std::vector<std::string>& names, const MechanismParts& parts) {
  const bool offersPlus = std::ranges::any_of(names, [](const std::string& name) { return name.ends_with("-PLUS"); });
  Mechanisms mechanisms;
  for (const std::string& name : names) mechanisms.offer(make(name, parts, offersPlus));
  return mechanisms;
}

}  // namespace posthouse::accountd
