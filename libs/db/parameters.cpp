#include "db/parameters.h"

#include <endian.h>

#include <bit>
#include <cstring>
#include <limits>

namespace posthouse::db {
namespace {

constexpr int kText = 0;
constexpr int kBinary = 1;
constexpr std::int64_t kEpoch = 946'684'800'000'000;  // 2000-01-01 in microseconds since 1970
constexpr std::uint32_t kByteaType = 17;              // pg_type.oid, the same in every PostgreSQL
constexpr std::uint32_t kTextType = 25;
constexpr std::uint32_t kTimestamptzType = 1184;
constexpr std::uint32_t kNull = 0xFFFFFFFF;  // in place of an element's length

void appendNetwork(std::string& to, std::uint32_t value) {
  const std::uint32_t network = htobe32(value);
  to.append(reinterpret_cast<const char*>(&network), sizeof network);
}

std::string networkOrder(std::uint64_t value) {
  const std::uint64_t network = htobe64(value);
  return std::string(reinterpret_cast<const char*>(&network), sizeof network);
}

std::int64_t stored(std::chrono::system_clock::time_point time) {
  if (time == std::chrono::system_clock::time_point::max()) return std::numeric_limits<std::int64_t>::max();
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count() - kEpoch;
}

/// A one-dimensional array as array_recv reads it. `view` gives an element's octets, or nothing for a null.
template <class Elements, class View>
std::string binaryArray(std::uint32_t type, const Elements& elements, View view) {
  constexpr std::size_t kWords = 5;  // before the elements
  std::size_t size = kWords * sizeof(std::uint32_t);
  for (const auto& element : elements) {
    size += sizeof(std::uint32_t) + std::optional<std::string_view>(view(element)).value_or("").size();
  }
  std::string array;
  array.reserve(size);                             // bodies are in here: growing would copy them again and again
  appendNetwork(array, elements.empty() ? 0 : 1);  // dimensions
  appendNetwork(array, 1);                         // there may be nulls
  appendNetwork(array, type);
  if (elements.empty()) return array;
  appendNetwork(array, static_cast<std::uint32_t>(elements.size()));
  appendNetwork(array, 1);  // the first index
  for (const auto& element : elements) {
    const std::optional<std::string_view> octets = view(element);
    appendNetwork(array, octets ? static_cast<std::uint32_t>(octets->size()) : kNull);
    if (octets) array += *octets;
  }
  return array;
}

}  // namespace

void Parameters::append(const char* value, std::size_t length, int format) {
  values_.push_back(value);
  lengths_.push_back(static_cast<int>(length));
  formats_.push_back(format);
}

void Parameters::addOwned(std::string value, int format) {
  const std::string& kept = owned_.emplace_back(std::move(value));
  append(kept.c_str(), kept.size(), format);
}

// The binary form of a text is its characters, and needs no terminator: the view can be sent as it is.
void Parameters::add(std::string_view text) {
  append(text.data() ? text.data() : "", text.size(), kBinary);
}

void Parameters::add(Octets octets) {
  add(octets.octets);
}

void Parameters::add(std::nullptr_t) {
  append(nullptr, 0, kText);
}

void Parameters::add(bool value) {
  addOwned(value ? "t" : "f", kText);
}

void Parameters::add(double value) {
  addOwned(networkOrder(std::bit_cast<std::uint64_t>(value)), kBinary);
}

void Parameters::addInteger(std::int64_t value) {
  addOwned(std::to_string(value), kText);
}

void Parameters::add(std::chrono::system_clock::time_point time) {
  addOwned(networkOrder(static_cast<std::uint64_t>(stored(time))), kBinary);
}

void Parameters::add(const std::vector<std::string>& texts) {
  addOwned(binaryArray(kTextType, texts, [](const std::string& text) { return std::string_view(text); }), kBinary);
}

void Parameters::add(const std::vector<Octets>& octets) {
  addOwned(binaryArray(kByteaType, octets, [](Octets element) { return element.octets; }), kBinary);
}

void Parameters::add(const std::vector<std::optional<Octets>>& octets) {
  const auto view = [](const std::optional<Octets>& element) -> std::optional<std::string_view> {
    if (!element) return std::nullopt;
    return element->octets;
  };
  addOwned(binaryArray(kByteaType, octets, view), kBinary);
}

void Parameters::add(const std::vector<std::optional<std::chrono::system_clock::time_point>>& times) {
  std::string octets;  // of the element at hand
  const auto view = [&octets](const auto& time) -> std::optional<std::string_view> {
    if (!time) return std::nullopt;
    octets = networkOrder(static_cast<std::uint64_t>(stored(*time)));
    return octets;
  };
  addOwned(binaryArray(kTimestamptzType, times, view), kBinary);
}

}  // namespace posthouse::db
