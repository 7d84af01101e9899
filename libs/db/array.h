#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace posthouse::db {

/// The elements of an array of one dimension without nulls, one after the other, from PostgreSQL's binary format: three
/// numbers of 4 octets (dimensions, whether there are nulls, type), two for the dimension (elements, first index), then
/// each element with its length before it. A view. Throws std::logic_error for another shape of array, what is none,
/// and where it is cut off.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view octets);

  std::size_t size() const noexcept { return size_; }
  /// These, together, to be called size() times.
  std::string_view next();
  std::int64_t nextInteger();

 private:
  std::int32_t number();

  std::string_view rest_;
  std::size_t size_ = 0;
};

/// Of a column's octets (Row::view). T: an integer or enum (smallint, integer, bigint), or std::string (text, bytea).
template <class T>
std::vector<T> readArray(std::string_view octets) {
  ArrayReader reader(octets);
  std::vector<T> values;
  values.reserve(reader.size());
  while (values.size() < reader.size()) {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      values.push_back(static_cast<T>(reader.nextInteger()));
    } else {
      values.emplace_back(reader.next());
    }
  }
  return values;
}

}  // namespace posthouse::db
