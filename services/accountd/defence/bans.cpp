#include "defence/bans.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace posthouse::accountd {
namespace {

constexpr std::chrono::hours kRow{24};  // within which one ban follows another

}  // namespace

const Ban* Bans::holding(const Subject& subject) const {
  const auto found = bans_.find(subject);
  return found == bans_.end() || found->second.until <= clock_() ? nullptr : &found->second;
}

const Ban* Bans::find(const Origin* origin, std::int64_t name) const {
  const Ban* found = nullptr;
  const auto consider = [&](const Subject& subject) {
    const Ban* ban = holding(subject);
    if (ban != nullptr && (found == nullptr || !ban->isAutomatic)) found = ban;
  };
  if (name != 0) consider({"", name});
  if (origin == nullptr) return found;
  if (name != 0) consider({origin->narrow, name});
  for (const auto& [prefix, many] : prefixes_ | std::views::reverse)  // the narrowest first
    if (prefix.first == origin->client.isIpv6()) consider({origin->client.within(prefix.second).text(), 0});
  return found;
}

int Bans::nextTimes(const Subject& subject) const {
  const auto found = bans_.find(subject);
  return found == bans_.end() || found->second.until + kRow <= clock_() ? 1 : found->second.times + 1;
}

void Bans::add(Ban ban) {
  Subject subject = ban.subject;
  if (bans_.size() >= capacity_ && !bans_.contains(subject)) return;
  put(std::move(ban));
  untold_.insert(std::move(subject));
}

void Bans::learn(const store::LoginBan& ban) {
  Subject subject{ban.network, ban.name};
  const bool isDispensable = ban.isAutomatic || ban.left.count() <= 0;
  if (isDispensable && bans_.size() >= capacity_ && !bans_.contains(subject)) return;
  const bool isOlder = holds(subject) && untold_.contains(subject);
  if (isOlder) return;
  put({.subject = std::move(subject),
       .address = ban.address,
       .reason = ban.reason,
       .isAutomatic = ban.isAutomatic,
       .times = ban.times,
       .until = clock_() + ban.left});
}

void Bans::put(Ban ban) {
  const auto [place, isNew] = bans_.insert_or_assign(ban.subject, ban);
  if (isNew) count(place->first, 1);
}

void Bans::count(const Subject& subject, int change) {
  if (subject.name != 0) return;
  const std::optional<Block> block = Block::parse(subject.network);
  if (!block) return;
  const auto place = prefixes_.try_emplace({block->isIpv6(), block->bits()}, 0).first;
  if ((place->second += change) == 0) prefixes_.erase(place);
}

std::vector<store::LoginBan> Bans::takeUntold() {
  std::vector<store::LoginBan> bans;
  for (const Subject& subject : std::exchange(untold_, {})) {
    const Ban* ban = holding(subject);
    if (ban == nullptr) continue;
    bans.push_back({.network = subject.network,
                    .name = subject.name,
                    .address = ban->address,
                    .reason = ban->reason,
                    .isAutomatic = ban->isAutomatic,
                    .times = ban->times,
                    .left = std::chrono::ceil<std::chrono::milliseconds>(ban->until - clock_())});
  }
  return bans;
}

void Bans::giveBack(const std::vector<store::LoginBan>& bans) {
  for (const store::LoginBan& ban : bans) untold_.insert({ban.network, ban.name});
}

std::size_t Bans::active() const {
  const auto now = clock_();
  return static_cast<std::size_t>(
      std::ranges::count_if(bans_, [&](const auto& ban) { return ban.second.until > now; }));
}

void Bans::forgetOld() {
  const auto now = clock_();
  for (auto ban = bans_.begin(); ban != bans_.end();) {
    if (ban->second.until + kRow > now) {
      ++ban;
      continue;
    }
    count(ban->first, -1);
    ban = bans_.erase(ban);
  }
}

}  // namespace posthouse::accountd
