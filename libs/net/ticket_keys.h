#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

struct ssl_ctx_st;

namespace posthouse::net {

/// The keys that seal session tickets (RFC 5077, RFC 8446 §4.6.1), so that a client that comes back need not shake
/// hands in full, whatever became of the certificate meanwhile.
///
/// They are derived from a secret and the time: every half a day there is another, and those of the half days before
/// and after still open. Where several processes are given one secret, a ticket of one is good at all of them; without,
/// each makes a secret of its own, and a new one every half a day, so that old conversations stay unreadable
/// whatever is found in memory later. A secret that was replaced still opens for half a day.
class TicketKeys {
 public:
  static constexpr std::chrono::hours kLifetime{12};  // of a ticket, and of the key that seals it

  explicit TicketKeys(WallClock now = systemClock());
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;
  ~TicketKeys();

  /// From now on the secret is this one, which others have too: any octets that nobody can guess.
  void share(std::string_view secret);
  /// From now on the secret is nobody else's, as in the beginning.
  void keepPrivate();

  /// Makes a server's context use these keys; they must outlive it.
  void useIn(ssl_ctx_st* context);

 private:
  friend struct TicketCallback;
  struct Key;
  struct Secret {
    std::string octets;
    std::chrono::system_clock::time_point since;
  };

  void replace(std::string octets);
  /// The key that seals now.
  Key sealing();
  /// The key by that name, and whether it still seals.
  std::optional<Key> opening(std::string_view name, bool& isCurrent);

  WallClock now_;
  Secret secret_;
  std::optional<Secret> previous_;
  bool isShared_ = false;
};

}  // namespace posthouse::net
