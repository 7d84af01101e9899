#include "db/rows.h"

#include <endian.h>
#include <libpq-fe.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace posthouse::db {
namespace {

template <class T>
T fromNetwork(std::string_view octets) {
  T value;
  std::memcpy(&value, octets.data(), sizeof value);
  if constexpr (sizeof value == 2) return static_cast<T>(be16toh(static_cast<std::uint16_t>(value)));
  if constexpr (sizeof value == 4) return static_cast<T>(be32toh(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof value == 8) return static_cast<T>(be64toh(static_cast<std::uint64_t>(value)));
}

/// 2000-01-01, where PostgreSQL's timestamps begin, in microseconds since 1970.
constexpr std::int64_t kEpoch = 946'684'800'000'000;

}  // namespace

void Rows::Clear::operator()(pg_result* result) const noexcept {
  PQclear(result);
}

Rows::Rows(pg_result* result) noexcept : result_(result), size_(PQntuples(result)) {}

std::int64_t Rows::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

bool Row::isNull(int column) const noexcept {
  return PQgetisnull(rows_->result_.get(), number_, column) != 0;
}

std::string_view Row::view(int column) const noexcept {
  return {PQgetvalue(rows_->result_.get(), number_, column),
          static_cast<std::size_t>(PQgetlength(rows_->result_.get(), number_, column))};
}

void Row::requireValue(int column) const {
  if (column >= PQnfields(rows_->result_.get())) throw std::logic_error("the result has no such column");
  if (isNull(column)) throw std::logic_error(std::string("null in column ") + PQfname(rows_->result_.get(), column));
}

std::int64_t Row::integer(int column) const {
  const std::string_view octets = view(column);
  switch (octets.size()) {
    case 2:
      return fromNetwork<std::int16_t>(octets);
    case 4:
      return fromNetwork<std::int32_t>(octets);
    case 8:
      return fromNetwork<std::int64_t>(octets);
    default:
      throw std::logic_error(std::string("not an integer: column ") + PQfname(rows_->result_.get(), column));
  }
}

double Row::real(int column) const {
  const std::string_view octets = view(column);
  if (octets.size() != 8)
    throw std::logic_error(std::string("not a double: column ") + PQfname(rows_->result_.get(), column));
  return std::bit_cast<double>(fromNetwork<std::int64_t>(octets));
}

bool Row::boolean(int column) const {
  return view(column) == std::string_view("\1", 1);
}

std::chrono::system_clock::time_point Row::time(int column) const {
  using Clock = std::chrono::system_clock;
  const std::int64_t stored = integer(column);
  if (stored == std::numeric_limits<std::int64_t>::max()) return Clock::time_point::max();
  if (stored == std::numeric_limits<std::int64_t>::min()) return Clock::time_point::min();
  return Clock::time_point(std::chrono::microseconds(stored + kEpoch));
}

}  // namespace posthouse::db
