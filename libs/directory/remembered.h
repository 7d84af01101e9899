#pragma once
#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace posthouse::directory {

/// Answers by what was asked, up to `most`; those asked for least lately go first.
template <class Value>
class Remembered {
 public:
  struct Entry {
    std::string key;
    Value value;
    std::chrono::steady_clock::time_point at;
  };

  explicit Remembered(std::size_t most) : most_(most) {}

  /// As old as it is; null if there is none. Stays until the next change.
  const Entry* find(std::string_view key) {
    const auto known = byKey_.find(key);
    if (known == byKey_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, known->second);
    return &entries_.front();
  }

  void forget(std::string_view key) {
    const auto known = byKey_.find(key);
    if (known == byKey_.end()) return;
    const auto entry = known->second;
    byKey_.erase(known);
    entries_.erase(entry);
  }

  void remember(std::string key, const Value& value, std::chrono::steady_clock::time_point now) {
    forget(key);
    entries_.push_front({std::move(key), value, now});
    byKey_.emplace(entries_.front().key, entries_.begin());
    if (entries_.size() <= most_) return;
    byKey_.erase(entries_.back().key);
    entries_.pop_back();
  }

 private:
  const std::size_t most_;
  std::list<Entry> entries_;  // the one asked for last is in front
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> byKey_;  // views of the entries
};

}  // namespace posthouse::directory
