#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

#include "defence/counters.h"
#include "defence/origin.h"

namespace posthouse::accountd {

/// Notices where something in front, a container's network or another NAT of our own, gives all clients one private
/// address: to ban that would be to ban everybody. Such an address is one from which nine of ten accounts log in, of
/// those that did lately; as long as none has, one that is alone. Somebody who guesses from within a private network,
/// beside others, is none. Used on one thread.
class HiddenClient {
 public:
  explicit HiddenClient(SteadyClock clock) : clock_(std::move(clock)) {}

  void tried(const Origin& origin);
  void loggedIn(const Origin& origin, std::int64_t name);

  /// Whether this address says nothing about who its clients are.
  bool hides(const Origin& origin);
  /// One that was told to, lately; empty: none.
  const std::string& address() const noexcept { return address_; }

 private:
  struct Seen {
    Subject subject;
    std::chrono::steady_clock::time_point at;
  };
  void see(const Subject& subject);
  void forget();
  void drop(const Seen& seen);

  const SteadyClock clock_;
  std::list<Seen> seen_;  // logins, and tries with the name 0; the newest first
  std::unordered_map<Subject, std::list<Seen>::iterator, SubjectHash> bySubject_;
  std::unordered_map<std::string, std::size_t> accounts_;  // that logged in, by address
  std::size_t allAccounts_ = 0;
  std::size_t addresses_ = 0;  // from which somebody tried
  std::string address_;
};

}  // namespace posthouse::accountd
