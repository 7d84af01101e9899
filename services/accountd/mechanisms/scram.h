#pragma once
#include <cstdint>
#include <string>

#include "logins/credentials.h"
#include "logins/mechanism.h"
#include "logins/second_factors.h"
#include "sasl/scram.h"

namespace posthouse::accountd {

/// SCRAM (RFC 5802, RFC 7677): the client proves that it knows the password, and we that we do. What we say at the end
/// goes as a challenge that the client answers with nothing: no protocol here has room for it beside its OK (RFC 4422
/// §3.6).
///
/// The client may prove an app password just as well: all of an account's keys have one salt and one number of
/// iterations, and whose proof it is, is tried out.
class Scram final : public Mechanism {
 public:
  /// `iterations`: what names seem to have that nobody has. `offersPlus`: whether a -PLUS is announced under TLS.
  Scram(std::string_view name, Credentials& credentials, SecondFactors& factors, std::uint32_t iterations,
        bool offersPlus);

  Task<Outcome> exchange(std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation) override;

 private:
  struct Candidates;
  Task<Candidates> candidatesFor(const std::optional<Credential>& credential, std::string name,
                                 const Connection& connection);

  const sasl::ScramMechanism mechanism_;
  Credentials& credentials_;
  SecondFactors& factors_;
  const std::uint32_t iterations_;
  const bool offersPlus_;
  std::string decoy_;  // 32 octets, the same in every accountd; empty until the first exchange
};

}  // namespace posthouse::accountd
