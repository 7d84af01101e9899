#include "defence/counters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ranges>
#include <utility>

namespace posthouse::accountd {
namespace {

std::vector<std::uint16_t> readTags(std::string_view text) {
  std::vector<std::uint16_t> tags;
  for (const auto part : std::views::split(text, ',')) {
    std::uint16_t tag = 0;
    const std::string_view digits(part);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), tag).ec == std::errc{}) tags.push_back(tag);
  }
  return tags;
}

}  // namespace

Counters::Counters(std::size_t capacity, Duration halfLife, SteadyClock clock)
    : capacity_(capacity), halfLife_(static_cast<double>(halfLife.count()) / 1000), clock_(std::move(clock)) {}

double Counters::faded(const Entry& entry) const {
  const double age = std::chrono::duration<double>(clock_() - entry.at).count();
  return entry.score * std::exp2(-age / halfLife_);
}

double Counters::score(const Subject& subject) const {
  const auto place = places_.find(subject);
  return place == places_.end() ? 0 : faded(*place->second);
}

Counters::Entry* Counters::find(const Subject& subject) {
  const auto place = places_.find(subject);
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return &entries_.front();
}

Counters::Entry& Counters::open(const Subject& subject) {
  if (Entry* known = find(subject)) return *known;
  if (entries_.size() == capacity_) {
    places_.erase(entries_.back().subject);
    untold_.erase(entries_.back().subject);
    entries_.pop_back();
  }
  entries_.push_front({.subject = subject, .at = clock_(), .address = {}, .tags = {}});
  places_.emplace(subject, entries_.begin());
  return entries_.front();
}

void Counters::add(const Subject& subject, double points, std::string_view address) {
  Entry& entry = open(subject);
  entry.score = faded(entry) + points;
  entry.at = clock_();
  entry.untold += points;
  if (!address.empty()) entry.address = address;
  untold_.insert(subject);
}

void Counters::clear(const Subject& subject) {
  Entry* entry = find(subject);
  if (entry == nullptr || entry->score == 0) return;
  entry->score = 0;
  entry->untold = 0;
  entry->isCleared = true;
  entry->tags.clear();
  untold_.insert(subject);
}

bool Counters::isRepeated(const Subject& subject, std::uint16_t tag) {
  std::vector<std::uint16_t>& tags = open(subject).tags;
  if (std::ranges::find(tags, tag) != tags.end()) return true;
  if (tags.size() == kTags) tags.erase(tags.begin());
  tags.push_back(tag);
  return false;
}

std::optional<Counters::Duration> Counters::turn(const Subject& subject, Duration gap, Duration most) {
  Entry& entry = open(subject);
  const auto now = clock_();
  const auto turn = std::max(now, entry.nextTurn) + gap;
  const auto wait = std::chrono::ceil<Duration>(turn - now);
  if (wait > most) return std::nullopt;
  entry.nextTurn = turn;
  return wait;
}

std::vector<store::LoginFailureChange> Counters::takeUntold(std::size_t most) {
  std::vector<Entry*> entries;
  for (const Subject& subject : untold_) entries.push_back(&*places_.at(subject));
  if (entries.size() > most) {
    const auto end = entries.begin() + static_cast<std::ptrdiff_t>(most);
    std::ranges::nth_element(entries, end, std::greater(), &Entry::score);
    entries.erase(end, entries.end());
  }
  std::vector<store::LoginFailureChange> changes;
  for (Entry* entry : entries) {
    changes.push_back({.network = entry->subject.network,
                       .name = entry->subject.name,
                       .address = entry->address,
                       .thousandths = static_cast<std::int64_t>(std::lround(entry->untold * 1000)),
                       .isCleared = entry->isCleared,
                       .tags = fmt::format("{}", fmt::join(entry->tags, ","))});
    entry->untold = 0;
    entry->isCleared = false;
    untold_.erase(entry->subject);
  }
  return changes;
}

void Counters::giveBack(const std::vector<store::LoginFailureChange>& changes) {
  for (const store::LoginFailureChange& change : changes) {
    const Subject subject{change.network, change.name};
    Entry* entry = find(subject);
    if (entry == nullptr) continue;
    entry->untold += static_cast<double>(change.thousandths) / 1000;
    entry->isCleared |= change.isCleared;
    untold_.insert(subject);
  }
}

void Counters::learn(const store::LoginFailures& failures) {
  const Subject subject{failures.network, failures.name};
  if (failures.score == 0 && !places_.contains(subject)) return;
  Entry& entry = open(subject);
  if (entry.isCleared) return;
  entry.score = failures.score + entry.untold;
  entry.at = clock_();
  if (!failures.address.empty()) entry.address = failures.address;
  if (failures.score == 0 && entry.untold == 0) entry.tags.clear();
  for (const std::uint16_t tag : readTags(failures.tags)) isRepeated(subject, tag);
}

}  // namespace posthouse::accountd
