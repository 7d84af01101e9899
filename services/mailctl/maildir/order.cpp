#include "maildir/order.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace posthouse::mailctl::maildir {
namespace {

/// The time at which a file was delivered: the number that its name begins with.
std::uint64_t deliveredAt(std::string_view name) {
  std::uint64_t seconds = 0;
  std::from_chars(name.data(), name.data() + name.size(), seconds);
  return seconds;
}

}  // namespace

void inOldOrder(std::vector<Messages::Entry>& entries, const OldIds& ids) {
  struct Place {
    std::uint32_t uid;
    std::uint64_t time;
    std::size_t index;
    auto operator<=>(const Place&) const = default;
  };
  std::vector<Place> places;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto id = ids.find(entries[i].base());
    const bool hasUid = id && id->uid != 0;
    places.push_back({hasUid ? id->uid : std::numeric_limits<std::uint32_t>::max(), deliveredAt(entries[i].name), i});
  }
  std::ranges::sort(places);
  std::vector<Messages::Entry> sorted;
  for (const Place& place : places) sorted.push_back(std::move(entries[place.index]));
  entries = std::move(sorted);
}

}  // namespace posthouse::mailctl::maildir
