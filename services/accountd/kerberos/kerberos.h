#pragma once
#include <prometheus/gauge.h>

#include <utility>

#include "kerberos/gss_acceptor.h"
#include "kerberos/krb5_ticket_reader.h"
#include "kerberos/settings.h"
#include "kerberos/store_principals.h"
#include "kerberos/store_seen_requests.h"
#include "kerberos/ticket_login.h"
#include "logins/worker_threads.h"

namespace posthouse::accountd {

/// What logins by Kerberos are made of, where there is a keytab.
struct KerberosParts {
  const KerberosSettings& settings;
  Acceptor& acceptor;
  WorkerThreads& workers;
  KerberosPrincipals& principals;
};

/// The same, owned. A ticket is accepted in less than a millisecond, but its files may be slow: two threads for them,
/// and a queue that is longer than their patience.
class Kerberos {
 public:
  Kerberos(net::Loop& loop, db::Database& database, KerberosSettings settings, prometheus::Gauge& waiting)
      : settings_(std::move(settings)),
        acceptor_(settings_.keytab, settings_.replayCache),
        reader_(settings_.keytab),
        workers_(loop, kThreads, kQueue, "tickets", waiting),
        principals_(database),
        seen_(database) {}

  KerberosParts parts() noexcept { return {settings_, acceptor_, workers_, principals_}; }
  const TicketParts& ticketParts() const noexcept { return ticketParts_; }

 private:
  static constexpr std::size_t kThreads = 2;
  static constexpr std::size_t kQueue = 1024;

  const KerberosSettings settings_;
  GssAcceptor acceptor_;
  Krb5TicketReader reader_;
  WorkerThreads workers_;
  StoreKerberosPrincipals principals_;
  StoreSeenRequests seen_;
  const TicketParts ticketParts_{settings_, reader_, workers_, principals_, seen_};
};

}  // namespace posthouse::accountd
