#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/types.h"

namespace posthouse::store {

/// A set of UIDs as ascending ranges that do not touch.
class UidSet {
 public:
  struct Range {
    Uid first;
    Uid last;  // included
    bool operator==(const Range&) const = default;
  };

  UidSet() = default;
  /// In any order, repeats allowed.
  explicit UidSet(std::span<const Uid> uids);
  UidSet(std::initializer_list<Uid> uids) : UidSet(std::span(uids.begin(), uids.size())) {}
  static UidSet all() { return range(Uid{1}, Uid{0xFFFFFFFF}); }
  static UidSet range(Uid first, Uid last);

  void add(Uid uid) { add(uid, uid); }
  /// first <= last. Cheap when ranges come in ascending order.
  void add(Uid first, Uid last);
  void add(const UidSet& other);

  bool empty() const noexcept { return ranges_.empty(); }
  /// How many UIDs, not how many ranges.
  std::size_t count() const noexcept;
  bool contains(Uid uid) const noexcept;
  std::span<const Range> ranges() const noexcept { return ranges_; }
  /// Every UID in ascending order. Only for sets that came from a mailbox: never for all().
  std::vector<Uid> uids() const;
  bool operator==(const UidSet&) const = default;

  /// PostgreSQL's int8multirange: {[1,4),[7,8)}.
  std::string toMultirange() const;
  /// No text, as which NULL is read, is no UIDs. Throws std::invalid_argument for what is none, or holds other numbers
  /// than UIDs.
  static UidSet fromMultirange(std::string_view text);

 private:
  std::vector<Range> ranges_;
};

/// How many messages one transaction changes at most: more would hold up the account's other writers (ARCHITECTURE.md,
/// rule 4).
inline constexpr std::size_t kSlice = 2000;

/// Messages of a mailbox, ascending, cut into sets of at most `size`, each for a transaction of its own.
std::vector<UidSet> slices(std::span<const Uid> uids, std::size_t size = kSlice);

}  // namespace posthouse::store
