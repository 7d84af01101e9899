#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/dns.h"
#include "net/address.h"
#include "net/loop.h"

namespace posthouse::dns {

struct ResolverOptions {
  std::vector<net::Address>
      servers;                  ///< asked recursively, IP addresses; port 0 means 53. None: those of /etc/resolv.conf
  std::string trustAnchorFile;  ///< DS or DNSKEY records, as /usr/share/dns/root.key; empty: nothing is validated
};

/// Asks name servers through libunbound, which caches for as long as records live and validates by DNSSEC. It works on
/// a thread of its own; answers arrive on the loop. Throws std::runtime_error from the constructor for options it
/// cannot use.
class Resolver final : public Dns {
 public:
  Resolver(net::Loop& loop, const ResolverOptions& options);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  /// No question may be open.
  ~Resolver() override;

  Task<Answer<std::string>> a(std::string name, net::Patience patience) override;
  Task<Answer<std::string>> aaaa(std::string name, net::Patience patience) override;
  Task<Answer<Mx>> mx(std::string name, net::Patience patience) override;
  Task<Answer<std::string>> txt(std::string name, net::Patience patience) override;
  Task<Answer<std::string>> ptr(std::string address, net::Patience patience) override;

 private:
  class Context;

  template <class Record>
  Task<Answer<Record>> ask(std::string name, int type, std::optional<Record> (*parse)(std::string_view),
                           net::Patience patience);

  std::unique_ptr<Context> context_;
};

}  // namespace posthouse::dns
