// msg-id, RFC 5322 §3.6.4 and §4.5.4.
#include "message/message_id.h"

#include "message/lexical.h"

namespace posthouse::message {

namespace {

/// What is between "<" and ">", blanks and quoting removed. Nothing if it is not closed.
std::optional<std::string> angled(Cursor& in) {
  std::string id;
  in.take("<");
  while (true) {
    skipCfws(in);
    if (in.atEnd() || in.peek() == '<') return std::nullopt;
    if (in.take(">")) break;
    if (in.peek() == '"') {
      id += takeQuotedString(in);
    } else {
      id += in.takeOctets(1);
    }
  }
  if (id.empty()) return std::nullopt;
  return id;
}

}  // namespace

std::vector<std::string> parseMessageIds(std::string_view value) {
  std::vector<std::string> ids;
  Cursor in(value);
  while (true) {
    skipCfws(in);
    if (in.atEnd()) break;
    if (in.peek() == '<') {
      if (auto id = angled(in)) ids.push_back(std::move(*id));
    } else if (in.peek() == '"') {
      takeQuotedString(in);
    } else {
      in.takeOctets(1);
    }
    // Halved now and then, so that a field of any length costs a bounded amount of memory.
    if (ids.size() >= 2 * kMaxMessageIds) ids.erase(ids.begin(), ids.end() - kMaxMessageIds);
  }
  if (ids.size() > kMaxMessageIds) ids.erase(ids.begin(), ids.end() - kMaxMessageIds);
  return ids;
}

std::optional<std::string> parseMessageId(std::string_view value) {
  auto ids = parseMessageIds(value);
  if (!ids.empty()) return std::move(ids.front());
  std::string bare;
  for (const char c : value) {
    if (!isFoldingBlank(c)) bare += c;
  }
  if (bare.empty()) return std::nullopt;
  return bare;
}

}  // namespace posthouse::message
