// Responses, RFC 3501 §7 and §9.
#include "imap/response.h"

#include <fmt/format.h>

#include <algorithm>

#include "imap/grammar.h"
#include "imap/utf7.h"

namespace posthouse::imap {
namespace {

std::string_view conditionName(Condition condition) {
  switch (condition) {
    case Condition::ok:
      return "OK";
    case Condition::no:
      return "NO";
    case Condition::bad:
      return "BAD";
  }
  return {};
}

bool isQuotable(std::string_view octets) {
  constexpr std::size_t kLongestQuoted = 1000;
  return octets.size() <= kLongestQuoted && std::all_of(octets.begin(), octets.end(), [](char c) {
           return c != '\r' && c != '\n' && c != '\0' && !ascii::isEightBit(c);
         });
}

}  // namespace

std::string toLine(std::string_view tag, const Reply& reply) {
  std::string line = fmt::format("{} {} ", tag, conditionName(reply.condition));
  if (!reply.code.empty()) line += fmt::format("[{}] ", reply.code);
  line += reply.text.empty() ? "done" : reply.text;
  for (char& c : line) {
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  }
  return line + "\r\n";
}

void appendString(std::string& out, std::string_view octets) {
  if (!isQuotable(octets)) {
    out += fmt::format("{{{}}}\r\n", octets.size());
    out += octets;
    return;
  }
  out += '"';
  for (const char c : octets) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void appendAstring(std::string& out, std::string_view octets) {
  if (!octets.empty() && std::all_of(octets.begin(), octets.end(), grammar::isAstringChar)) {
    out += octets;
  } else {
    appendString(out, octets);
  }
}

void appendMailbox(std::string& out, std::string_view name) {
  appendString(out, encodeUtf7(name));
}

}  // namespace posthouse::imap
