// What is to be known of a mechanism before it is begun, RFC 4422 §5 and §6.
#include "sasl/mechanism.h"

#include "base/ascii.h"

namespace posthouse::sasl {
namespace {

constexpr Mechanism kMechanisms[] = {
    {.name = "SCRAM-SHA-256-PLUS", .needsTls = true},
    {.name = "SCRAM-SHA-1-PLUS", .needsTls = true},
    {.name = "SCRAM-SHA-256"},
    {.name = "SCRAM-SHA-1"},
    {.name = "GSSAPI"},
    {.name = "EXTERNAL", .needsTls = true, .needsClientCertificate = true},
    {.name = "OAUTHBEARER", .carriesSecret = true},
    {.name = "XOAUTH2", .carriesSecret = true},
    {.name = "PLAIN", .carriesSecret = true},
    {.name = "LOGIN", .carriesSecret = true, .clientFirst = false},
    {.name = "CRAM-MD5", .clientFirst = false},
    {.name = "ANONYMOUS"},
};

}  // namespace

std::span<const Mechanism> knownMechanisms() {
  return kMechanisms;
}

const Mechanism* findMechanism(std::string_view name) {
  for (const Mechanism& mechanism : kMechanisms) {
    if (ascii::equalsIgnoringCase(mechanism.name, name)) return &mechanism;
  }
  return nullptr;
}

}  // namespace posthouse::sasl
