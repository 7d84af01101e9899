#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

struct pg_result;

namespace posthouse::db {

class Rows;

/// One row of a result. A view: the Rows that it came from must outlive it and every string_view taken from it.
class Row {
 public:
  Row(const Rows& rows, int number) noexcept : rows_(&rows), number_(number) {}

  bool isNull(int column) const noexcept;
  /// The octets of a bytea or the characters of a text; empty if null.
  std::string_view view(int column) const noexcept;

  /// T: bool, an integer or enum (smallint, integer, bigint), double (double precision), std::string, std::string_view
  /// (text, bytea), system_clock::time_point (timestamptz), or std::optional of one of these. Throws std::logic_error
  /// for a null that is not optional, or a width that does not fit.
  template <class T>
  T get(int column) const;

  /// The first columns as a tuple, for structured bindings.
  template <class... T>
  std::tuple<T...> as() const {
    return asTuple<T...>(std::index_sequence_for<T...>{});
  }

 private:
  template <class... T, std::size_t... column>
  std::tuple<T...> asTuple(std::index_sequence<column...>) const {
    return std::tuple<T...>{get<T>(static_cast<int>(column))...};
  }
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::chrono::system_clock::time_point time(int column) const;
  bool boolean(int column) const;
  void requireValue(int column) const;

  const Rows* rows_;
  int number_;
};

/// What a statement returned, in PostgreSQL's binary format. Movable, owns its memory, outlives its transaction.
class Rows {
 public:
  explicit Rows(pg_result* result) noexcept;

  int size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  /// Rows inserted, updated or deleted by a statement without RETURNING.
  std::int64_t affected() const;
  Row operator[](int number) const noexcept { return Row(*this, number); }

  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Row;
    Iterator() = default;
    Iterator(const Rows* rows, int number) noexcept : rows_(rows), number_(number) {}
    Row operator*() const noexcept { return Row(*rows_, number_); }
    Iterator& operator++() noexcept { return ++number_, *this; }
    Iterator operator++(int) noexcept { return Iterator(rows_, number_++); }
    bool operator==(const Iterator&) const = default;

   private:
    const Rows* rows_ = nullptr;
    int number_ = 0;
  };
  Iterator begin() const noexcept { return {this, 0}; }
  Iterator end() const noexcept { return {this, size_}; }

  /// For libpq's functions.
  const pg_result* raw() const noexcept { return result_.get(); }

 private:
  friend class Row;
  struct Clear {
    void operator()(pg_result* result) const noexcept;
  };
  std::unique_ptr<pg_result, Clear> result_;
  int size_;
};

namespace detail {
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
}  // namespace detail

template <class T>
T Row::get(int column) const {
  if constexpr (detail::IsOptional<T>::value) {
    if (isNull(column)) return std::nullopt;
    return get<typename T::value_type>(column);
  } else {
    requireValue(column);
    if constexpr (std::is_same_v<T, bool>) {
      return boolean(column);
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return static_cast<T>(integer(column));
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(real(column));
    } else if constexpr (std::is_same_v<T, std::chrono::system_clock::time_point>) {
      return time(column);
    } else {
      return T(view(column));
    }
  }
}

}  // namespace posthouse::db
