#pragma once
#include "kerberos/kerberos.h"
#include "logins/mechanism.h"

namespace posthouse::accountd {

/// GSSAPI (RFC 4752): a Kerberos ticket for the service that the client came to, of a principal that an account has.
class Gssapi final : public Mechanism {
 public:
  explicit Gssapi(KerberosParts kerberos) : Mechanism("GSSAPI"), kerberos_(kerberos) {}

  bool serves(std::string_view protocol) const override { return kerberos_.settings.serviceOf(protocol).has_value(); }
  Task<Outcome> exchange(std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation) override;

 private:
  Task<std::optional<Outcome>> establish(SecurityContext& context, std::string token, Conversation& conversation);
  Task<Outcome> authorize(SecurityContext& context, Conversation& conversation);
  Task<Outcome> judge(std::string principal, std::string authorizationIdentity);

  const KerberosParts kerberos_;
};

}  // namespace posthouse::accountd
