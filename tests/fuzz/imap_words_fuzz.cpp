// IMAP's words: strings, mailbox names, flags and dates that we write are read as the same; a reply is one line.
#include <cstdint>
#include <cstdlib>

#include "base/utf8.h"
#include "imap/date.h"
#include "imap/flags.h"
#include "imap/grammar.h"
#include "imap/mailbox_name.h"
#include "imap/response.h"

using namespace posthouse;
using namespace posthouse::imap;

namespace {

void strings(std::string_view octets) {
  if (octets.contains('\0')) return;  // no string of IMAP can hold it
  std::string text;
  appendString(text, octets);
  Cursor in(text);
  if (grammar::string(in) != octets || !in.atEnd()) std::abort();
  text.clear();
  appendAstring(text, octets);
  Cursor again(text);
  if (grammar::astring(again) != octets || !again.atEnd()) std::abort();
}

void mailboxes(std::string_view octets) {
  if (!utf8::isValid(octets)) return;
  std::string text;
  appendMailbox(text, octets);
  Cursor in(text);
  const std::string name = grammar::mailbox(in);
  if (!in.atEnd()) std::abort();
  if (name != octets && !ascii::startsWithIgnoringCase(octets, "INBOX")) std::abort();
}

template <class Parse>
auto parsed(std::string_view octets, Parse parse) -> std::optional<decltype(parse(std::declval<Cursor&>()))> {
  try {
    Cursor in(octets);
    return parse(in);
  } catch (const SyntaxError&) {
    return std::nullopt;
  }
}

void flags(std::string_view octets) {
  const auto read = parsed(octets, flagList);
  if (!read) return;
  if (read->keywords.size() > kMaxKeywords) std::abort();
  std::string text = "(";
  for (const SystemFlag flag : {kSeen, kFlagged, kAnswered, kDraft, kDeleted}) {
    if ((read->system & flag) != 0) text += (text.size() > 1 ? " " : "") + std::string(name(flag));
  }
  for (const std::string& keyword : read->keywords) text += (text.size() > 1 ? " " : "") + keyword;
  if (parsed(text + ")", flagList) != read) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  strings(octets);
  mailboxes(octets);
  flags(octets);
  if (const auto day = parsed(octets, date); day && !day->ok()) std::abort();
  if (const auto time = parsed(octets, dateTime); time && parsed(toDateTime(*time), dateTime) != time) std::abort();
  const std::string line = toLine("a", Reply::no(std::string(octets)));
  if (!line.ends_with("\r\n") || line.find_first_of(std::string_view("\r\n\0", 3)) != line.size() - 2) std::abort();
  return 0;
}
