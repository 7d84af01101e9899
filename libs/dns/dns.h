#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "async/task.h"
#include "dns/rdata.h"
#include "net/patience.h"

namespace posthouse::dns {

enum class Status {
  ok,
  nxdomain,  ///< no such name
  nodata,    ///< the name exists, but has no record of this type
  servfail,  ///< the servers could not answer
  timeout,   ///< nobody answered in the time given
  bogus,     ///< the answer failed DNSSEC validation: treat it as no answer, never as nxdomain
};

/// Whether the question is settled: "there is none" is an answer, "could not ask" is not.
constexpr bool isDefinite(Status status) noexcept {
  return status <= Status::nodata;
}

template <class Record>
struct Answer {
  Status status = Status::servfail;
  std::vector<Record> records{};  ///< not empty exactly when ok
  std::chrono::seconds ttl{0};    ///< how long the answer may be kept, the negative one too
  bool isSecure = false;          ///< proven by DNSSEC
};

/// What mail asks of the DNS. Names are ASCII, as DNS has them (see asciiName), with or without the final dot. No call
/// throws for what servers or the network do: that is a Status. Only a shutdown (net::Interrupted) is an exception.
class Dns {
 public:
  virtual ~Dns() = default;
  virtual Task<Answer<std::string>> a(std::string name, net::Patience patience) = 0;
  virtual Task<Answer<std::string>> aaaa(std::string name, net::Patience patience) = 0;
  virtual Task<Answer<Mx>> mx(std::string name, net::Patience patience) = 0;
  virtual Task<Answer<std::string>> txt(std::string name, net::Patience patience) = 0;
  /// Of an IPv4 or IPv6 address in text form; nxdomain if it is none.
  virtual Task<Answer<std::string>> ptr(std::string address, net::Patience patience) = 0;
};

}  // namespace posthouse::dns
