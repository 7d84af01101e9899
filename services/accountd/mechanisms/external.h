#pragma once
#include <vector>

#include "base/clock.h"
#include "logins/certificate_holders.h"
#include "logins/mechanism.h"

namespace posthouse::accountd {

/// EXTERNAL (RFC 4422 appendix A): the client is whom its certificate is registered for; or else, if an authority that
/// is trusted says so, whoever of ours has a mailbox that the certificate names. Whom it says to act as can only choose
/// among these.
class External final : public Mechanism {
 public:
  External(CertificateHolders& holders, WallClock now)
      : Mechanism("EXTERNAL"), holders_(holders), now_(std::move(now)) {}

  Task<Outcome> exchange(std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation) override;

 private:
  Task<std::vector<CertificateHolder>> candidates(const ClientCertificate& certificate);

  CertificateHolders& holders_;
  const WallClock now_;
};

}  // namespace posthouse::accountd
