#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/defence_repository.h"

namespace posthouse::accountd {

using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;

/// What failures are counted of: a network, a name, or a name from a network. A name is a keyed hash of it; 0: any. An
/// empty network: any.
struct Subject {
  std::string network;
  std::int64_t name = 0;

  bool operator==(const Subject&) const = default;
};

struct SubjectHash {
  std::size_t operator()(const Subject& subject) const noexcept {
    return std::hash<std::string>()(subject.network) ^ std::hash<std::int64_t>()(subject.name) * 31;
  }
};

/// Failures of many subjects, each fading by half in every half-life. Bounded: who is new pushes out whom nobody has
/// asked about for the longest time. Remembers what of it the database has not been told. Used on one thread.
class Counters {
 public:
  using Duration = std::chrono::milliseconds;

  Counters(std::size_t capacity, Duration halfLife, SteadyClock clock);

  double score(const Subject& subject) const;
  /// `address`: of the account that has the name, or empty.
  void add(const Subject& subject, double points, std::string_view address = {});
  void clear(const Subject& subject);

  /// Whether the subject failed with the password of this tag before; notes it if not.
  bool isRepeated(const Subject& subject, std::uint16_t tag);

  /// When the next may go on of those who go on one at a time, `gap` after each other: how long it has to wait, or
  /// nothing if that were longer than `most`.
  std::optional<Duration> turn(const Subject& subject, Duration gap, Duration most);

  /// Up to `most` changes that the database does not know yet, those with the most failures first.
  std::vector<store::LoginFailureChange> takeUntold(std::size_t most);
  /// It could not be told.
  void giveBack(const std::vector<store::LoginFailureChange>& changes);
  /// What the database knows, all programs together.
  void learn(const store::LoginFailures& failures);

  std::size_t size() const noexcept { return entries_.size(); }

 private:
  static constexpr std::size_t kTags = 8;

  struct Entry {
    Subject subject;
    double score = 0;  // as of `at`, with what is untold
    std::chrono::steady_clock::time_point at;
    double untold = 0;
    bool isCleared = false;  // and that is untold
    std::string address;
    std::vector<std::uint16_t> tags;  // kTags at most, the last last
    std::chrono::steady_clock::time_point nextTurn{};
  };
  using Entries = std::list<Entry>;

  double faded(const Entry& entry) const;
  Entry* find(const Subject& subject);
  Entry& open(const Subject& subject);

  const std::size_t capacity_;
  const double halfLife_;
  const SteadyClock clock_;
  Entries entries_;  // whom nobody has asked about for the longest time is last
  std::unordered_map<Subject, Entries::iterator, SubjectHash> places_;
  std::unordered_set<Subject, SubjectHash> untold_;
};

}  // namespace posthouse::accountd
