// The base subject, RFC 5256 §2.1.
#include "message/subject.h"

#include <algorithm>

#include "base/ascii.h"

namespace posthouse::message {

namespace {

/// Whole characters from the beginning, kMaxBaseSubject octets at most: what is removed is looked for again and again.
std::string_view bounded(std::string_view text) {
  if (text.size() <= kMaxBaseSubject) return text;
  std::size_t size = kMaxBaseSubject;
  while (size > 0 && (text[size] & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

std::string collapsed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank) {
      out += c;
    } else if (!out.empty() && !out.ends_with(' ')) {
      out += ' ';
    }
  }
  return out;
}

/// subj-blob = "[" *BLOBCHAR "]" *WSP, or 0
std::size_t blobSize(std::string_view text) {
  if (!text.starts_with('[')) return 0;
  const std::size_t end = text.find_first_of("[]", 1);
  if (end == std::string_view::npos || text[end] != ']') return 0;
  return std::min(text.find_first_not_of(' ', end + 1), text.size());
}

/// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":", or 0
std::size_t replySize(std::string_view text) {
  std::size_t size = 0;
  for (const std::string_view word : {"re", "fwd", "fw"}) {
    if (size == 0 && ascii::startsWithIgnoringCase(text, word)) size = word.size();
  }
  if (size == 0) return 0;
  size = std::min(text.find_first_not_of(' ', size), text.size());
  size += blobSize(text.substr(size));
  return size < text.size() && text[size] == ':' ? size + 1 : 0;
}

/// subj-leader = (*subj-blob subj-refwd) / WSP, or 0
std::size_t leaderSize(std::string_view text) {
  if (text.starts_with(' ')) return 1;
  std::size_t size = 0;
  while (const std::size_t blob = blobSize(text.substr(size))) size += blob;
  const std::size_t reply = replySize(text.substr(size));
  return reply == 0 ? 0 : size + reply;
}

}  // namespace

BaseSubject baseSubject(std::string_view subject) {
  const std::string whole = collapsed(bounded(subject));
  std::string_view text = whole;
  BaseSubject base;
  for (bool again = true; again;) {
    again = false;
    while (true) {  // subj-trailer = "(fwd)" / WSP
      if (text.ends_with(' ')) {
        text.remove_suffix(1);
      } else if (text.size() >= 5 && ascii::equalsIgnoringCase(text.substr(text.size() - 5), "(fwd)")) {
        text.remove_suffix(5);
        base.replyOrForward = true;
      } else {
        break;
      }
    }
    while (true) {
      const std::size_t leader = leaderSize(text);
      const std::size_t blob = leader == 0 ? blobSize(text) : 0;
      if (leader > 0) {
        base.replyOrForward = base.replyOrForward || leader > 1;
        text.remove_prefix(leader);
      } else if (blob > 0 && blob < text.size()) {
        text.remove_prefix(blob);
      } else {
        break;
      }
    }
    // subj-fwd-hdr = "[fwd:" text "]"
    if (ascii::startsWithIgnoringCase(text, "[fwd:") && text.ends_with(']')) {
      text = text.substr(5, text.size() - 6);
      base.replyOrForward = again = true;
    }
  }
  base.text = text;
  return base;
}

}  // namespace posthouse::message
