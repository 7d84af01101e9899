#include "sessions/endings.h"

#include <algorithm>
#include <ranges>

namespace posthouse::accountd {

std::vector<store::SessionEnding> Endings::observe(std::vector<store::SessionEnding> read) {
  std::erase_if(read, [this](const store::SessionEnding& ending) { return isKnown(ending); });
  std::ranges::sort(read, {}, &store::SessionEnding::number);
  for (const store::SessionEnding& ending : read) {
    if (const auto other = byNumber_.find(ending.number); other != byNumber_.end())
      forget(other->second.account, ending.number);
    byNumber_[ending.number] = {ending.account, ending.at, observed_++};
    auto& numbers = byAccount_[ending.account];
    numbers.insert(std::ranges::upper_bound(numbers, ending.number), ending.number);
  }
  return read;
}

bool Endings::isKnown(const store::SessionEnding& ending) const {
  const auto found = byNumber_.find(ending.number);
  return found != byNumber_.end() && found->second.account == ending.account && found->second.at == ending.at;
}

void Endings::forget(store::AccountId account, std::int64_t number) {
  const auto found = byAccount_.find(account);
  std::erase(found->second, number);
  if (found->second.empty()) byAccount_.erase(found);
}

std::int64_t Endings::latestOf(store::AccountId account, std::uint64_t moment) const {
  const auto found = byAccount_.find(account);
  if (found == byAccount_.end()) return 0;
  for (const std::int64_t number : found->second | std::views::reverse)
    if (byNumber_.at(number).place < moment) return number;
  return 0;
}

void Endings::forgetBefore(Time time) {
  std::erase_if(byNumber_, [&](const auto& entry) {
    if (entry.second.at >= time) return false;
    forget(entry.second.account, entry.first);
    return true;
  });
}

}  // namespace posthouse::accountd
