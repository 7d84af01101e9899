#pragma once
#include <chrono>
#include <string>

#include "local_delivery.h"
#include "net/address.h"
#include "smtpclient/pool.h"

namespace posthouse::smtpd {

/// lmtp-delivery, over connections that are kept.
class LmtpDelivery final : public LocalDelivery {
 public:
  LmtpDelivery(net::Loop& loop, net::Address server, std::chrono::milliseconds budget, const std::string& hostname);

  Task<std::vector<smtp::Reply>> deliver(const Transaction& transaction, const std::vector<Destination>& destinations,
                                         const Letter& letter) override;

  /// Says QUIT on the connections that are kept.
  Task<> close() { return pool_.close(); }

 private:
  net::Address server_;
  std::chrono::milliseconds budget_;
  smtpclient::Pool pool_;
};

}  // namespace posthouse::smtpd
