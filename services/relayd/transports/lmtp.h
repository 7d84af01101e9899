#pragma once
#include "net/address.h"
#include "smtpclient/pool.h"
#include "transports/transport.h"

namespace posthouse::relayd {

/// To our own mailboxes: lmtp-delivery knows by the delivery ids what smtpd delivered already (ARCHITECTURE.md, rule
/// 3).
class LmtpTransport final : public Transport {
 public:
  LmtpTransport(smtpclient::Pool& pool, net::Address server) : pool_(pool), server_(std::move(server)) {}

  std::string_view name() const override { return "lmtp"; }
  Task<std::vector<Report>> send(const Parcel& parcel, net::Patience whole) override;

 private:
  smtpclient::Pool& pool_;
  net::Address server_;
};

}  // namespace posthouse::relayd
