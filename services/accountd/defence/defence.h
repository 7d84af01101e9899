#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "defence/bans.h"
#include "defence/counters.h"
#include "defence/defence_metrics.h"
#include "defence/hidden_client.h"
#include "defence/origin.h"
#include "defence/places.h"
#include "defence/policy.h"
#include "observe/log.h"

namespace posthouse::accountd {

/// Whether somebody who guesses passwords is at the door. Counts wrong logins by network, by name, and by both, and
/// decides from that (policy.h) who waits and who is banned. All that it needs for an honest login of a quiet network
/// is in memory; what other accountds see comes a second later (Sharing). Used on one thread.
class Defence {
 public:
  Defence(DefenceRules rules, PlaceStore& places, DefenceMetrics& metrics, observe::Log log,
          SteadyClock clock = std::chrono::steady_clock::now);

  const DefenceRules& rules() const noexcept { return rules_; }

  /// By what names and passwords are known: 32 octets that every accountd has, and nobody else. Before all below.
  void useKey(std::string key);
  bool hasKey() const noexcept { return !key_.empty(); }

  /// Whether failures are not held against this client at all: off, loopback, or a network that was exempted.
  bool isExempt(const std::string& remoteAddress) const;

  /// What a name is counted by, in whatever spelling; never 0. The empty one is that of all who say none: they may be
  /// any account that is at home where they come from, and no account is counted for them.
  std::int64_t nameOf(std::string_view claimed) const;
  /// By what the same wrong password or token of a name is known again. Sixteen bits: who stole them, and the key with
  /// them, could not tell from them which password it was; a guess in 8,000 is taken for a repetition, which helps
  /// nobody.
  std::uint16_t tagOf(std::int64_t name, std::string_view password) const;

  struct Decision {
    bool isAdmitted = true;
    std::chrono::milliseconds wait{0};
    Cause cause = Cause::none;     // of the wait
    std::string_view reason = {};  // why not
  };
  /// Asks the database only about a network or name that fails. `unjudged`: logins of the same network that it is not
  /// known of yet how they end.
  Task<Decision> judge(const Origin* origin, std::int64_t name, std::size_t unjudged);
  /// Whether a ban keeps it out; nothing is counted.
  Task<bool> isBanned(const Origin* origin, std::int64_t name);
  Task<Standing> standing(const Origin* origin, std::int64_t name);

  /// `address`: of the account, empty if there is none. `tag`: of the password or token, if one was shown: without,
  /// nobody can tell repetitions, and a failure counts half.
  Task<> failed(const Origin* origin, std::int64_t name, std::string address, std::optional<std::uint16_t> tag);
  void succeeded(const Origin* origin, std::int64_t name);

  Counters& counters() noexcept { return counters_; }
  Bans& bans() noexcept { return bans_; }
  Places& places() noexcept { return places_; }

 private:
  Standing counted(const Origin* origin, std::int64_t name);
  bool isAtHome(const Places::Here& here, std::int64_t name) const;
  Task<> addPlaces(const Origin& origin, std::int64_t name, Standing& standing);
  void ban(Subject subject, const std::string& address, double failures);
  void watchHidden(const Origin& origin);

  const DefenceRules rules_;
  DefenceMetrics& metrics_;
  const observe::Log log_;
  const SteadyClock clock_;
  std::string key_;
  std::int64_t nameless_ = 0;  // by what those are counted who say no name
  Counters counters_;
  Bans bans_;
  Places places_;
  HiddenClient hidden_;
  bool wasHidden_ = false;
};

}  // namespace posthouse::accountd
