#include "ldap/escaping.h"

#include <fmt/format.h>

#include <iterator>

#include "base/ascii.h"

namespace posthouse::accountd::ldap {
namespace {

template <class MustEscape>
std::string escape(std::string_view value, MustEscape mustEscape) {
  std::string escaped;
  for (const char c : value) {
    if (mustEscape(c)) {
      fmt::format_to(std::back_inserter(escaped), "\\{:02x}", static_cast<unsigned char>(c));
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

}  // namespace

std::string escapeInFilter(std::string_view value) {
  return escape(value, [](char c) {
    return ascii::isControl(c) || ascii::isEightBit(c) || std::string_view("*()\\").contains(c);
  });
}

/// A space or "#" has to be escaped at some places only, and may be at all.
std::string escapeInName(std::string_view value) {
  return escape(value, [](char c) {
    return ascii::isControl(c) || ascii::isEightBit(c) || std::string_view(" #\"+,;<>=\\").contains(c);
  });
}

}  // namespace posthouse::accountd::ldap
