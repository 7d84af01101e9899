#include "defence/defence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "crypto/digest.h"
#include "directory/address.h"
#include "net/address.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMostBans = 20'000;
constexpr std::size_t kMostUnjudged = 16;  // of one network at once, before they count as if they were wrong
constexpr double kUntold = 0.5;            // what a failure counts without a password to compare

const char* label(Cause cause) {
  switch (cause) {
    case Cause::network:
      return "network";
    case Cause::neighbourhood:
      return "neighbourhood";
    case Cause::account:
      return "account";
    case Cause::pair:
      return "pair";
    case Cause::none:
      break;
  }
  return "none";
}

/// One at a time go those who wait for the same: otherwise many connections would guess as fast as they like. Not those
/// who want to be one account: among them is its owner.
std::optional<Subject> turnOf(Cause cause, const Origin& origin, std::int64_t name) {
  switch (cause) {
    case Cause::network:
      return Subject{origin.narrow, 0};
    case Cause::neighbourhood:
      return Subject{origin.wide, 0};
    case Cause::pair:
      return Subject{origin.narrow, name};
    case Cause::account:
    case Cause::none:
      break;
  }
  return std::nullopt;
}

}  // namespace

Defence::Defence(DefenceRules rules, PlaceStore& places, DefenceMetrics& metrics, observe::Log log, SteadyClock clock)
    : rules_(std::move(rules)),
      metrics_(metrics),
      log_(std::move(log)),
      clock_(std::move(clock)),
      counters_(rules_.memory, rules_.halfLife, clock_),
      bans_(kMostBans, clock_),
      places_(places, clock_),
      hidden_(clock_) {}

void Defence::useKey(std::string key) {
  key_ = std::move(key);
  nameless_ = nameOf("");
}

bool Defence::isExempt(const std::string& remoteAddress) const {
  const net::Address client{.host = remoteAddress, .path = {}};
  return !rules_.isOn || client.isLoopback() ||
         std::ranges::any_of(rules_.exempt, [&](const net::Network& network) { return network.contains(client); });
}

std::int64_t Defence::nameOf(std::string_view claimed) const {
  const std::optional<Address> address = parseAddress(claimed);
  const crypto::Digest digest = crypto::hmacSha256(key_, address ? address->text() : std::string(claimed));
  std::int64_t name = 0;
  std::memcpy(&name, digest.octets.data(), sizeof name);
  return name == 0 ? 1 : name;
}

std::uint16_t Defence::tagOf(std::int64_t name, std::string_view password) const {
  std::string both = std::to_string(name);
  both.append(1, '\0').append(password);
  const crypto::Digest digest = crypto::hmacSha256(key_, both);
  return static_cast<std::uint16_t>(digest.octets[0] << 8 | digest.octets[1]);
}

Standing Defence::counted(const Origin* origin, std::int64_t name) {
  Standing standing;
  standing.isNameless = name == nameless_;
  standing.account = counters_.score({"", name});
  if (origin == nullptr) return standing;
  standing.network = counters_.score({origin->narrow, 0});
  standing.neighbourhood = counters_.score({origin->wide, 0});
  standing.pair = counters_.score({origin->narrow, name});
  standing.isHidden = hidden_.hides(*origin);
  return standing;
}

bool Defence::isAtHome(const Places::Here& here, std::int64_t name) const {
  return here.isKnown || (name == nameless_ && here.accounts > 0);
}

Task<> Defence::addPlaces(const Origin& origin, std::int64_t name, Standing& standing) {
  const Places::Here here = co_await places_.at(origin.narrow, name);
  standing.isKnownHere = isAtHome(here, name);
  standing.accountsHere = here.accounts;
  if (standing.isKnownHere) co_return;
  const Places::Here nearby = co_await places_.at(origin.wide, name);
  standing.isKnownNearby = isAtHome(nearby, name);
}

Task<Standing> Defence::standing(const Origin* origin, std::int64_t name) {
  Standing standing = counted(origin, name);
  if (origin != nullptr) co_await addPlaces(*origin, name, standing);
  co_return standing;
}

Task<bool> Defence::isBanned(const Origin* origin, std::int64_t name) {
  const Ban* ban = bans_.find(origin, name);
  if (ban == nullptr) co_return false;
  if (!ban->isAutomatic || ban->subject.name != 0 || origin == nullptr) co_return true;
  // What failures of others brought about is not for those who are at home here.
  const bool isWide = ban->subject.network == origin->wide;
  const Places::Here here = co_await places_.at(isWide ? origin->wide : origin->narrow, name);
  co_return !isAtHome(here, name) && !hidden_.hides(*origin);
}

Task<Defence::Decision> Defence::judge(const Origin* origin, std::int64_t name, std::size_t unjudged) {
  if (origin != nullptr) {
    hidden_.tried(*origin);
    watchHidden(*origin);
  }
  if (co_await isBanned(origin, name)) co_return Decision{.isAdmitted = false, .reason = "ban"};
  Standing standing = counted(origin, name);
  if (unjudged > kMostUnjudged)
    standing.network += std::min(static_cast<double>(unjudged - kMostUnjudged), rules_.freeFailures);
  Delay delay = delayFor(standing, rules_);
  if (delay.wait.count() == 0) co_return Decision{};
  if (origin != nullptr) {
    co_await addPlaces(*origin, name, standing);
    delay = delayFor(standing, rules_);
    if (delay.wait.count() == 0) co_return Decision{};
    if (const auto turn = turnOf(delay.cause, *origin, name)) {
      const auto wait = counters_.turn(*turn, delay.wait, rules_.longestDelay);
      if (!wait) co_return Decision{.isAdmitted = false, .reason = "too_fast"};
      delay.wait = *wait;
    }
  }
  metrics_.delayed.Add({{"cause", label(delay.cause)}}).Increment();
  co_return Decision{.wait = delay.wait, .cause = delay.cause};
}

Task<> Defence::failed(const Origin* origin, std::int64_t name, std::string address, std::optional<std::uint16_t> tag) {
  const Subject pair{origin == nullptr ? std::string() : origin->narrow, name};
  if (tag && counters_.isRepeated(pair, *tag)) {
    metrics_.failures.Add({{"counts", "repeated"}}).Increment();
    co_return;
  }
  metrics_.failures.Add({{"counts", "yes"}}).Increment();
  const double points = tag ? 1 : kUntold;
  if (name != nameless_) counters_.add({"", name}, points, address);
  if (origin == nullptr) co_return;
  counters_.add({origin->narrow, 0}, points);
  counters_.add({origin->wide, 0}, points);
  counters_.add(pair, points, address);
  Standing standing = counted(origin, name);
  const DueBans ofStranger = bansFor(standing, rules_);
  if (!ofStranger.network && !ofStranger.neighbourhood && !ofStranger.pair) co_return;
  co_await addPlaces(*origin, name, standing);
  const DueBans due = bansFor(standing, rules_);
  if (due.network) ban({origin->narrow, 0}, "", standing.network);
  if (due.neighbourhood) ban({origin->wide, 0}, "", standing.neighbourhood);
  if (due.pair) ban(pair, address, standing.pair);
}

void Defence::succeeded(const Origin* origin, std::int64_t name) {
  if (origin == nullptr) return;
  counters_.clear({origin->narrow, name});
  places_.note(origin->narrow, name);
  places_.note(origin->wide, name);
  hidden_.loggedIn(*origin, name);
}

void Defence::ban(Subject subject, const std::string& address, double failures) {
  if (bans_.holds(subject)) return;  // logins that were let in before may end after it
  const int times = bans_.nextTimes(subject);
  const auto length = banTime(times, rules_);
  const std::string reason = fmt::format("{} wrong logins", std::lround(failures));
  log_.warn("auth.banned", "Nobody logs in from there for a while",
            {{"network", subject.network},
             {"login", address},
             {"reason", reason},
             {"duration_s", std::chrono::duration<double>(length).count()}});
  bans_.add({.subject = std::move(subject),
             .address = address,
             .reason = reason,
             .times = times,
             .until = clock_() + length});
  metrics_.newBans.Increment();
}

void Defence::watchHidden(const Origin& origin) {
  hidden_.hides(origin);
  const bool isHidden = !hidden_.address().empty();
  if (isHidden == wasHidden_) return;
  wasHidden_ = isHidden;
  metrics_.clientsHidden.Set(isHidden ? 1 : 0);
  if (isHidden)
    log_.warn("auth.clients_hidden",
              "All clients seem to be at one private address, so that nobody can be banned: let what is in front keep "
              "their addresses, or use proxy_protocol",
              {{"remote_ip", hidden_.address()}});
}

}  // namespace posthouse::accountd
