#pragma once
#include <charconv>
#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/ascii.h"

namespace posthouse {

/// Thrown by grammar functions and caught at a parser's entrance only. what() is fit for the client's eyes.
class SyntaxError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A place in octets that are being parsed. `take` moves on or says no; `expect` moves on or throws SyntaxError.
/// Owns nothing: the octets must outlive it and what it returns.
class Cursor {
 public:
  explicit Cursor(std::string_view octets) : rest_(octets), size_(octets.size()) {}

  bool atEnd() const noexcept { return rest_.empty(); }
  std::string_view rest() const noexcept { return rest_; }
  /// Octets consumed so far.
  std::size_t position() const noexcept { return size_ - rest_.size(); }
  /// The next octet, or NUL at the end (ask atEnd where a NUL can occur).
  char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

  /// Literal text; its letters match either case, as strings in ABNF do (RFC 5234 §2.3).
  bool take(std::string_view literal) noexcept {
    if (!ascii::startsWithIgnoringCase(rest_, literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }

  void expect(std::string_view literal) {
    if (!take(literal)) throw SyntaxError("expected '" + std::string(literal) + "'");
  }

  /// The longest run (maybe empty) of octets for which `belongs` holds.
  template <std::predicate<char> Belongs>
  std::string_view takeWhile(Belongs belongs) {
    std::size_t length = 0;
    while (length < rest_.size() && belongs(rest_[length])) ++length;
    return takeOctets(length);
  }

  /// As takeWhile, but at least one octet. `what` names the thing in the error.
  template <std::predicate<char> Belongs>
  std::string_view expectWhile(Belongs belongs, std::string_view what) {
    const std::string_view run = takeWhile(belongs);
    if (run.empty()) throw SyntaxError("expected " + std::string(what));
    return run;
  }

  /// Exactly `count` octets.
  std::string_view takeOctets(std::size_t count) {
    if (count > rest_.size()) throw SyntaxError("unexpected end");
    const std::string_view octets = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return octets;
  }

  /// An unsigned decimal number that fits T.
  template <std::unsigned_integral T>
  T number() {
    const std::string_view digits = expectWhile(ascii::isDigit, "a number");
    T value{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{}) throw SyntaxError("number too large");
    return value;
  }

 private:
  std::string_view rest_;
  std::size_t size_;
};

}  // namespace posthouse
