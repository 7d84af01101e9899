// string and nstring, RFC 9051 §9.
#include "message/imap_string.h"

#include <algorithm>

#include "base/ascii.h"

namespace posthouse::message {

void appendString(std::string& out, std::string_view value) {
  const bool literal =
      std::ranges::any_of(value, [](char c) { return c == '\r' || c == '\n' || ascii::isEightBit(c); });
  if (literal) out.append("{").append(std::to_string(value.size())).append("}\r\n");
  if (!literal) out += '"';
  for (const char c : value) {
    if (!literal && (c == '"' || c == '\\')) out += '\\';
    out += c == '\0' ? '?' : c;
  }
  if (!literal) out += '"';
}

void appendNString(std::string& out, const std::optional<std::string>& value) {
  if (value) {
    appendString(out, *value);
  } else {
    out += "NIL";
  }
}

}  // namespace posthouse::message
