#pragma once
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace posthouse::db {

/// Octets that travel in binary as they are: a bytea parameter. Owns nothing.
struct Octets {
  std::string_view octets;
};

/// The parameters of one statement, $1 first. Text and octets are not copied: what is added must live until the
/// statement ran.
class Parameters {
 public:
  void add(std::string_view text);
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  void add(Octets octets);
  void add(std::nullptr_t);
  void add(bool value);
  void add(double value);
  /// A timestamptz; system_clock's maximum is 'infinity'.
  void add(std::chrono::system_clock::time_point time);
  /// text[], bytea[] and timestamptz[]; nothing is null.
  void add(const std::vector<std::string>& texts);
  void add(const std::vector<Octets>& octets);
  void add(const std::vector<std::optional<Octets>>& octets);
  void add(const std::vector<std::optional<std::chrono::system_clock::time_point>>& times);

  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void add(T value) {
    addInteger(integer(value));
  }
  /// smallint[], integer[] or bigint[].
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void add(const std::vector<T>& values) {
    std::string text = "{";
    for (const T& value : values) {
      if (text.size() > 1) text += ',';
      text += std::to_string(integer(value));
    }
    addOwned(text + '}', /*format=*/0);
  }
  /// The same; what is not given is null.
  template <class T>
    requires std::integral<T>
  void add(const std::vector<std::optional<T>>& values) {
    std::string text = "{";
    for (const std::optional<T>& value : values) {
      if (text.size() > 1) text += ',';
      text += value ? std::to_string(integer(*value)) : std::string("NULL");
    }
    addOwned(text + '}', /*format=*/0);
  }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) {
      add(*value);
    } else {
      add(nullptr);
    }
  }

  int size() const noexcept { return static_cast<int>(values_.size()); }
  const char* const* values() const noexcept { return values_.data(); }
  const int* lengths() const noexcept { return lengths_.data(); }
  const int* formats() const noexcept { return formats_.data(); }

 private:
  template <class T>
  static std::int64_t integer(T value) {
    return static_cast<std::int64_t>(value);
  }
  void addInteger(std::int64_t value);
  void addOwned(std::string value, int format);
  void append(const char* value, std::size_t length, int format);

  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::deque<std::string> owned_;  // a deque: elements do not move
};

}  // namespace posthouse::db
