#pragma once
#include <random>
#include <string>

#include "dns/dns.h"
#include "smtpclient/pool.h"
#include "transports/transport.h"

namespace posthouse::relayd {

/// To the mail exchangers of a domain (RFC 5321 §5.1).
class SmtpTransport final : public Transport {
 public:
  struct Options {
    std::string hostname;                                         // ours, as MX records name it
    std::uint16_t port = 25;                                      // of the exchangers
    std::size_t maxAddresses = 8;                                 // tried in one attempt
    std::chrono::milliseconds lookup = std::chrono::seconds(30);  // for one question to the DNS
  };

  SmtpTransport(smtpclient::Pool& pool, dns::Dns& dns, std::mt19937& random, Options options)
      : pool_(pool), dns_(dns), random_(random), options_(std::move(options)) {}

  std::string_view name() const override { return "smtp"; }
  Task<std::vector<Report>> send(const Parcel& parcel, net::Patience whole) override;

 private:
  struct Host {
    std::string name;
    std::string address;
  };

  Task<std::expected<std::vector<Host>, smtp::Reply>> hosts(const std::string& domain, net::Patience patience);

  smtpclient::Pool& pool_;
  dns::Dns& dns_;
  std::mt19937& random_;
  Options options_;
};

}  // namespace posthouse::relayd
