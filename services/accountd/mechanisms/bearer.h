#pragma once
#include "logins/certificate_holders.h"
#include "logins/mechanism.h"
#include "sasl/malformed.h"
#include "tokens/token_verifier.h"

namespace posthouse::accountd {

/// OAUTHBEARER (RFC 7628) and XOAUTH2: the client shows a token, and an issuer vouches for whose it is. What it says is
/// wrong with one goes as a challenge, and only the answer to that fails the exchange (RFC 7628 §3.2.3).
class BearerMechanism final : public Mechanism {
 public:
  BearerMechanism(std::string_view name, CertificateHolders& holders, TokenVerifier& tokens)
      : Mechanism(name), holders_(holders), tokens_(tokens) {}

  /// Throws IssuerUnavailable, too. Nobody is asked about a token before the conversation was told whose it is to be:
  /// if the client does not say, whose the token says; or nobody's.
  Task<Outcome> exchange(std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation) override;

 private:
  /// What a client has said, by either mechanism.
  struct Shown {
    std::string name;   // whom it wants to be; empty: whom the token names
    std::string token;  // empty: it wants to be told how to get one (RFC 7628 §4.3)
  };
  struct Judged;

  std::expected<Shown, sasl::Malformed> parse(std::string_view response) const;
  Task<Judged> judge(Shown shown, const std::optional<Address>& claimed, const Connection& connection);
  std::string errorChallenge(const std::optional<Address>& claimed, bool lacksScope) const;

  bool isXoauth2() const { return properties().name == "XOAUTH2"; }

  CertificateHolders& holders_;
  TokenVerifier& tokens_;
};

}  // namespace posthouse::accountd
