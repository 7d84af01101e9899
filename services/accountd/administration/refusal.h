#pragma once
#include <expected>
#include <string>

namespace posthouse::accountd {

/// Why an administrator's wish was not fulfilled, in words that say what to do.
struct Refusal {
  enum class Kind { invalid, notFound, exists, inUse, limit, forbidden, notConfigured };

  Kind kind = Kind::invalid;
  std::string text;
};

template <class T>
using Answer = std::expected<T, Refusal>;

}  // namespace posthouse::accountd
