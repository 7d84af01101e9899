#include "defence/places.h"

#include <algorithm>
#include <iterator>

namespace posthouse::accountd {
namespace {

constexpr std::chrono::minutes kAsked{1};  // for how long an answer will do
constexpr std::chrono::hours kDay{24};
constexpr std::size_t kMostLogins = 100'000;
constexpr std::size_t kMostKnown = 100'000;  // names, and networks, that are remembered
constexpr std::size_t kMostUntold = 20'000;

}  // namespace

Task<Places::Here> Places::at(std::string network, std::int64_t name) {
  auto place = byNetwork_.find(network);
  if (place == byNetwork_.end() || place->second->asked + kAsked <= clock_()) {
    const std::vector<std::int64_t> names = co_await store_.namesAt(network, kMostNames);
    Known known{network, {names.begin(), names.end()}, clock_()};
    if (const auto here = loginsAt_.find(network); here != loginsAt_.end()) {  // the store may not be told of them yet
      for (const auto& [newcomer, login] : here->second)
        if (known.names.size() < kMostNames) known.names.insert(newcomer);
    }
    keep(std::move(known));
    place = byNetwork_.find(network);
  } else {
    known_.splice(known_.begin(), known_, place->second);
  }
  const Known& known = *place->second;
  const auto here = loginsAt_.find(network);
  const bool isKnown = known.names.contains(name) || (here != loginsAt_.end() && here->second.contains(name));
  co_return Here{isKnown, known.names.size()};
}

void Places::keep(Known known) {
  if (const auto old = byNetwork_.find(known.network); old != byNetwork_.end()) {
    names_ -= old->second->names.size();
    known_.erase(old->second);
    byNetwork_.erase(old);
  }
  names_ += known.names.size();
  known_.push_front(std::move(known));
  byNetwork_.emplace(known_.front().network, known_.begin());
  while (known_.size() > 1 && names_ + known_.size() > kMostKnown) {
    names_ -= known_.back().names.size();
    byNetwork_.erase(known_.back().network);
    known_.pop_back();
  }
}

void Places::note(const std::string& network, std::int64_t name) {
  if (const auto known = byNetwork_.find(network); known != byNetwork_.end()) {
    auto& names = known->second->names;
    if (names.size() < kMostNames && names.insert(name).second) ++names_;
  }
  if (const auto here = loginsAt_.find(network); here != loginsAt_.end()) {
    if (const auto login = here->second.find(name); login != here->second.end()) {
      if (login->second->told + kDay > clock_()) return;
      forget(login->second);
    }
  }
  if (untold_.size() >= kMostUntold) return;  // the next login will do
  if (logins_.size() == kMostLogins) forget(std::prev(logins_.end()));
  logins_.push_front({{network, name}, clock_()});
  loginsAt_[network].emplace(name, logins_.begin());
  untold_.push_back({network, name});
}

void Places::forget(std::list<Login>::iterator login) {
  const auto here = loginsAt_.find(login->subject.network);
  here->second.erase(login->subject.name);
  if (here->second.empty()) loginsAt_.erase(here);
  logins_.erase(login);
}

std::pair<std::vector<std::string>, std::vector<std::int64_t>> Places::takeUntold(std::size_t most) {
  std::pair<std::vector<std::string>, std::vector<std::int64_t>> taken;
  const auto end = untold_.begin() + static_cast<std::ptrdiff_t>(std::min(most, untold_.size()));
  for (auto subject = untold_.begin(); subject != end; ++subject) {
    taken.first.push_back(std::move(subject->network));
    taken.second.push_back(subject->name);
  }
  untold_.erase(untold_.begin(), end);
  return taken;
}

void Places::giveBack(const std::vector<std::string>& networks, const std::vector<std::int64_t>& names) {
  for (std::size_t i = 0; i < networks.size(); ++i) untold_.push_back({networks[i], names[i]});
}

}  // namespace posthouse::accountd
