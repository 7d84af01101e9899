#include "db/array.h"

#include <endian.h>

#include <cstring>
#include <stdexcept>

namespace posthouse::db {
namespace {

[[noreturn]] void fail() {
  throw std::logic_error("the result is not an array of one dimension, without nulls and of the type that is wanted");
}

}  // namespace

ArrayReader::ArrayReader(std::string_view octets) : rest_(octets) {
  const std::int32_t dimensions = number();
  const std::int32_t hasNulls = number();
  number();  // the type
  if (dimensions == 0) return;
  size_ = static_cast<std::size_t>(number());
  number();  // the first index
  if (dimensions != 1 || hasNulls != 0 || size_ > rest_.size() / sizeof(std::int32_t)) fail();
}

std::string_view ArrayReader::next() {
  const auto length = static_cast<std::size_t>(number());
  if (length > rest_.size()) fail();
  const std::string_view element = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return element;
}

std::int64_t ArrayReader::nextInteger() {
  const std::string_view element = next();
  std::uint64_t value = 0;
  if (element.size() > sizeof value || element.empty()) fail();
  std::memcpy(reinterpret_cast<char*>(&value) + sizeof value - element.size(), element.data(), element.size());
  const auto unused = 8 * (sizeof value - element.size());
  return static_cast<std::int64_t>(be64toh(value) << unused) >> unused;
}

std::int32_t ArrayReader::number() {
  std::uint32_t octets = 0;
  if (rest_.size() < sizeof octets) fail();
  std::memcpy(&octets, rest_.data(), sizeof octets);
  rest_.remove_prefix(sizeof octets);
  return static_cast<std::int32_t>(be32toh(octets));
}

}  // namespace posthouse::db
