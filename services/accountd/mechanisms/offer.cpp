#include "mechanisms/offer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/ascii.h"
#include "mechanisms/password.h"
#include "mechanisms/scram.h"

namespace posthouse::accountd {
namespace {

/// A mechanism that this program can lead, in the order in which clients should choose.
struct Known {
  std::string_view name;
  bool isUsual;  // offered unless the configuration says otherwise
};

// There are clients that choose a -PLUS because it is there, and cannot bind to TLS (neomutt with GNU SASL).
constexpr Known kKnown[] = {
    {"SCRAM-SHA-256-PLUS", false}, {"SCRAM-SHA-256", true}, {"SCRAM-SHA-1-PLUS", false},
    {"SCRAM-SHA-1", true},         {"PLAIN", true},         {"LOGIN", true},
};

std::unique_ptr<Mechanism> make(std::string_view name, const MechanismParts& parts, bool offersPlus) {
  if (sasl::scramMechanism(name))
    return std::make_unique<Scram>(name, parts.credentials, parts.scramIterations, offersPlus);
  return std::make_unique<PasswordMechanism>(name, parts.authenticator);
}

}  // namespace

std::vector<std::string> readMechanisms(config::Section& section, std::uint32_t scramIterations) {
  std::vector<std::string> possible;
  std::vector<std::string> usual;
  for (const Known& known : kKnown) {
    if (scramIterations == 0 && sasl::scramMechanism(known.name)) continue;
    possible.emplace_back(known.name);
    if (known.isUsual) usual.emplace_back(known.name);
  }
  std::vector<std::string> chosen = section.list("mechanisms", usual);
  for (std::string& name : chosen) {
    name = ascii::toUpper(name);
    if (std::ranges::find(possible, name) == possible.end())
      section.fail("mechanisms", fmt::format("{} is none of {}", name, fmt::join(possible, ", ")));
  }
  return chosen;
}

Mechanisms offer(const std::vector<std::string>& names, const MechanismParts& parts) {
  const bool offersPlus = std::ranges::any_of(names, [](const std::string& name) { return name.ends_with("-PLUS"); });
  Mechanisms mechanisms;
  for (const std::string& name : names) mechanisms.offer(make(name, parts, offersPlus));
  return mechanisms;
}

}  // namespace posthouse::accountd
