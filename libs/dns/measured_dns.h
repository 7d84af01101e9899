#pragma once
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "dns/dns.h"

namespace posthouse::dns {

/// Another Dns, with a clock beside it: posthouse_dns_lookup_duration_seconds by type and result.
class MeasuredDns final : public Dns {
 public:
  MeasuredDns(Dns& source, prometheus::Registry& registry);

  Task<Answer<std::string>> a(std::string name, net::Patience patience) override;
  Task<Answer<std::string>> aaaa(std::string name, net::Patience patience) override;
  Task<Answer<Mx>> mx(std::string name, net::Patience patience) override;
  Task<Answer<std::string>> txt(std::string name, net::Patience patience) override;
  Task<Answer<std::string>> ptr(std::string address, net::Patience patience) override;

 private:
  template <class Record>
  Task<Answer<Record>> measure(const char* type, Task<Answer<Record>> question);

  prometheus::Histogram& ofType(const char* type, Status status);

  Dns& source_;
  prometheus::Family<prometheus::Histogram>& durations_;
};

}  // namespace posthouse::dns
