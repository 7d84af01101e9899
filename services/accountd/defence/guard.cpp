#include "defence/guard.h"

#include <utility>

#include "crypto/secret.h"
#include "directory/address.h"
#include "net/patience.h"

namespace posthouse::accountd {

Task<> makeReady(Defence& defence, Credentials& credentials) {
  if (!defence.hasKey()) defence.useKey(co_await credentials.sharedSecret("login defence"));
}

void Guard::turnAway(std::string_view reason) {
  metrics_.throttled.Add({{"reason", std::string(reason)}}).Increment();
  throw TurnedAway();
}

Task<> Guard::wait(std::chrono::milliseconds duration) {
  if (waiting_ >= defence_.rules().waiting) turnAway("too_many");
  struct Place {
    Guard& guard;
    explicit Place(Guard& of) : guard(of) { guard.metrics_.waiting.Set(static_cast<double>(++guard.waiting_)); }
    ~Place() { guard.metrics_.waiting.Set(static_cast<double>(--guard.waiting_)); }
  };
  const Place place(*this);
  bool isOver = true;
  try {
    co_await loop_.sleep(duration, stop_);
  } catch (const net::Interrupted&) {
    isOver = false;
  }
  if (!isOver) turnAway("draining");
}

Guard::Visit::Visit(Guard& guard, const Connection& connection)
    : guard_(guard),
      origin_(Origin::of(connection.remoteAddress)),
      isExempt_(guard.defence_.isExempt(connection.remoteAddress)) {}

Guard::Visit::~Visit() {
  if (!isAdmitted_ || !origin_) return;
  const auto here = guard_.unjudged_.find(origin_->narrow);
  if (--here->second == 0) guard_.unjudged_.erase(here);
}

Task<> Guard::Visit::claims(std::string name, std::optional<std::string> secret) {
  if (isExempt_ || isAdmitted_) co_return;
  Defence& defence = guard_.defence_;
  co_await makeReady(defence, guard_.credentials_);
  name_ = defence.nameOf(name);
  if (secret) {
    tag_ = defence.tagOf(name_, *secret);
    crypto::wipe(*secret);
  }
  // Those that wait count as going on.
  if (origin_) ++guard_.unjudged_[origin_->narrow];
  isAdmitted_ = true;
  const std::size_t others = origin_ ? guard_.unjudged_[origin_->narrow] - 1 : 0;
  const Defence::Decision decision = co_await defence.judge(origin(), name_, others);
  if (!decision.isAdmitted) guard_.turnAway(decision.reason);
  if (decision.wait.count() == 0) co_return;
  co_await guard_.wait(decision.wait);
  const bool isBanned = co_await defence.isBanned(origin(), name_);
  if (isBanned) guard_.turnAway("ban");
}

/// Whose a token is, nobody may know before its issuer says so.
Task<> Guard::Visit::turnsOutToBe(const std::string& name) {
  const std::int64_t owner = guard_.defence_.nameOf(name);
  if (owner == name_) co_return;
  const bool isBanned = co_await guard_.defence_.isBanned(origin(), owner);
  if (isBanned) guard_.turnAway("ban");
  name_ = owner;
}

Task<Outcome> Guard::Visit::conclude(Outcome outcome) {
  const bool isCode = outcome.result == Outcome::Result::badCode;
  const bool isWrong =
      outcome.result == Outcome::Result::badPassword || outcome.result == Outcome::Result::noSuchUser || isCode;
  if (isExempt_) {
    if (isWrong) guard_.metrics_.failures.Add({{"counts", "exempt"}}).Increment();
    co_return outcome;
  }
  if (outcome.claimedName.empty() && !isAdmitted_) co_return outcome;
  bool isTurnedAway = false;
  try {
    if (!isAdmitted_) co_await claims(outcome.claimedName, std::nullopt);
    if (outcome.result == Outcome::Result::ok) co_await turnsOutToBe(outcome.claimedName);
  } catch (const TurnedAway&) {
    isTurnedAway = true;
  }
  if (isTurnedAway)
    co_return Outcome{.result = Outcome::Result::throttled, .claimedName = std::move(outcome.claimedName)};
  if (outcome.result == Outcome::Result::ok) guard_.defence_.succeeded(origin(), name_);
  if (!isWrong) co_return outcome;
  std::string address;
  if (outcome.result != Outcome::Result::noSuchUser) {
    if (const auto parsed = parseAddress(outcome.claimedName)) address = parsed->text();
  }
  // Who guesses codes has the right password every time: that it is the same again excuses nothing.
  if (isCode) tag_.reset();
  co_await guard_.defence_.failed(origin(), name_, std::move(address), tag_);
  co_return outcome;
}

}  // namespace posthouse::accountd
