#include "defence/defence_office.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "administration/refusals.h"
#include "defence/guard.h"
#include "defence/origin.h"
#include "store/account_repository.h"

namespace posthouse::accountd {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kLongest = 3'650 * kDay;
constexpr std::size_t kLongestReason = 500;
constexpr int kMostShown = 1'000;

/// What a ban is about.
struct Target {
  std::string network;             // or
  std::optional<Address> account;  // of a user

  Act act(std::string_view action) const {
    if (account) return actOn(action, *account, noSuchUser(account->text()));
    return {.action = action, .object = network, .domain = "", .right = Act::Right::administrator};
  }
  std::string text() const { return account ? account->text() : network; }
};

Answer<Target> readTarget(const std::string& text) {
  if (text.contains('@')) {
    Answer<Address> address = readAddress(text);
    if (!address) return std::unexpected(address.error());
    return Target{"", *std::move(address)};
  }
  const std::optional<Block> block = Block::parse(text);
  if (!block)
    return invalid("\"" + text + "\" is neither a network like 192.0.2.0/24 or 2001:db8::/32 nor a user's address");
  if (block->bits() == 0) return invalid(text + " is everybody");
  return Target{block->text(), std::nullopt};
}

bool isUser(db::Transaction& transaction, const Address& address) {
  const auto account = store::AccountRepository(transaction).find(address.text());
  return account && account->kind == store::AccountKind::individual;
}

ShownBan shown(const store::LoginBan& ban, std::chrono::system_clock::time_point now) {
  return {ban.network, ban.address, ban.reason, ban.isAutomatic, ban.since, now + ban.left};
}

/// Whether an actor may know of what concerns an account, or with no address a network.
bool maySee(const Principal& actor, const std::string& address) {
  if (actor.mayEverything()) return true;
  const std::optional<Address> parsed = parseAddress(address);
  return parsed && actor.domains().contains(parsed->domain);
}

bool isWide(const std::string& network) {
  const std::optional<Block> block = Block::parse(network);
  return block && block->bits() < (block->isIpv6() ? 64 : 32);
}

/// Whether so many failures make anybody wait.
bool slows(const store::LoginFailures& failures, const DefenceRules& rules) {
  Standing standing;
  if (failures.network.empty()) {
    standing.account = failures.score;
  } else if (failures.name != 0) {
    standing.pair = failures.score;
  } else if (isWide(failures.network)) {
    standing.neighbourhood = failures.score;
  } else {
    standing.network = failures.score;
  }
  return delayFor(standing, rules).cause != Cause::none;
}

}  // namespace

std::string subject(const ShownBan& ban) {
  return ban.address.empty() ? ban.network : ban.address;
}

Task<Answer<ShownBan>> DefenceOffice::ban(std::string text, std::int64_t seconds, std::string reason) {
  const Answer<Target> target = readTarget(text);
  if (!target) co_return std::unexpected(target.error());
  if (seconds < 0 || seconds > kLongest) co_return invalid("a ban lasts ten years at most");
  if (reason.size() > kLongestReason) co_return invalid("the reason is longer than 500 octets");
  const std::string first = target->network.substr(0, target->network.find('/'));
  if (defence_.rules().isOn && !first.empty() && defence_.isExempt(first))
    co_return invalid(text + " is exempt from bans: it is loopback, or among limits.exempt_networks");
  if (!defence_.rules().isOn) co_return invalid("accountd.defence is off, so that a ban would have no effect");
  co_await makeReady(defence_, credentials_);
  store::LoginBan ban{.network = target->network,
                      .name = target->account ? defence_.nameOf(target->account->text()) : 0,
                      .address = target->account ? target->account->text() : "",
                      .reason = std::move(reason),
                      .isAutomatic = false,
                      .left = std::chrono::seconds(seconds == 0 ? kDay : seconds)};
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<ShownBan> {
    if (target->account && !isUser(transaction, *target->account)) return noSuchUser(target->account->text());
    store::DefenceRepository repository(transaction, halfLife());
    repository.ban({ban});
    details.note("seconds", std::chrono::duration_cast<std::chrono::seconds>(ban.left).count());
    details.note("reason", ban.reason);
    ban.since = repository.now();
    return shown(ban, ban.since);
  };
  co_return co_await ledger_.change(target->act("auth.ban"), job, db::Repeat::harmless);
}

Task<Answer<ShownBan>> DefenceOffice::unban(std::string text) {
  const Answer<Target> target = readTarget(text);
  if (!target) co_return std::unexpected(target.error());
  co_await makeReady(defence_, credentials_);
  const std::int64_t name = target->account ? defence_.nameOf(target->account->text()) : 0;
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<ShownBan> {
    store::DefenceRepository repository(transaction, halfLife());
    const std::int64_t lifted = repository.lift(target->network, name);
    const std::int64_t forgotten = repository.forget(target->network, name);
    if (lifted + forgotten > 0)
      return ShownBan{
          .network = target->network, .address = target->account ? target->account->text() : "", .reason = {}};
    return notFound("nothing is held against " + target->text() + "; see: mailctl auth list");
  };
  co_return co_await ledger_.change(target->act("auth.unban"), job);
}

Task<Answer<DefenceReport>> DefenceOffice::list() {
  const auto job = [&](db::Transaction& transaction, const Principal& actor) -> Answer<DefenceReport> {
    store::DefenceRepository repository(transaction, halfLife());
    DefenceReport report;
    const auto now = repository.now();
    for (const store::LoginBan& ban : repository.bans(kMostShown))
      if (maySee(actor, ban.address)) report.bans.push_back(shown(ban, now));
    const double least = std::min(1.0, defence_.rules().freeFailures / 2);
    for (const store::LoginFailures& failures : repository.most(least, kMostShown)) {
      if (!slows(failures, defence_.rules()) || !maySee(actor, failures.address)) continue;
      const bool isNobody = failures.name != 0 && failures.address.empty();
      report.slowed.push_back({failures.network, failures.address, isNobody, failures.score});
    }
    return report;
  };
  co_return co_await ledger_.read(actOn("auth.list", std::string()), job);
}

}  // namespace posthouse::accountd
