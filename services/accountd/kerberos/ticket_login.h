#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "kerberos/principals.h"
#include "kerberos/seen_requests.h"
#include "kerberos/settings.h"
#include "kerberos/ticket_reader.h"
#include "logins/authenticator.h"
#include "logins/worker_threads.h"

namespace posthouse::accountd {

/// What logins by a ticket without SASL are made of (KPOP), where there is a keytab.
struct TicketParts {
  const KerberosSettings& settings;
  TicketReader& reader;
  WorkerThreads& workers;
  KerberosPrincipals& principals;
  SeenRequests& seen;
};

/// A client that shows a ticket by an AP-REQ, from there to what it is answered. The parts outlive it.
class TicketLogin {
 public:
  /// `parts`: null without a keytab.
  TicketLogin(const TicketParts* parts, std::string_view protocol);

  /// Throws Overloaded, MechanismUnavailable and what the database throws.
  Task<Outcome> judge(std::string_view request);

  /// What the client is sent when it is clear what becomes of it: an AP-REP or, if it is refused, a KRB-ERROR. Empty
  /// if it wants no AP-REP, and where no tickets are taken. Throws Overloaded.
  Task<std::string> reply(const Outcome& outcome);

 private:
  const TicketParts* const parts_;
  const std::string service_;          // empty: no tickets are taken
  std::string acceptance_;             // AP-REP
  std::int32_t code_ = kGenericError;  // of the refusal
};

}  // namespace posthouse::accountd
