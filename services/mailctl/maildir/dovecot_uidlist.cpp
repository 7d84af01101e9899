#include "maildir/dovecot_uidlist.h"

#include "base/cursor.h"
#include "maildir/lines.h"

namespace posthouse::mailctl::maildir {
namespace {

bool isOfWord(char c) {
  return c != ' ';
}

std::uint32_t number(std::string_view text) {
  Cursor in(text);
  const auto value = in.number<std::uint32_t>();
  if (!in.atEnd()) throw SyntaxError("text after a number");
  return value;
}

struct Header {
  unsigned version;
  std::uint32_t uidValidity;
};

Header parseHeader(std::string_view line) {
  Cursor in(line);
  Header header{in.number<unsigned>(), 0};
  in.expect(" ");
  if (header.version == 1) {
    header.uidValidity = in.number<std::uint32_t>();
    in.expect(" ");
    in.number<std::uint32_t>();
    return header;
  }
  if (header.version != 3) throw SyntaxError("only versions 1 and 3 are known");
  bool hasValidity = false;
  do {
    const std::string_view field = in.expectWhile(isOfWord, "a field");
    if (field.front() != 'V') continue;
    header.uidValidity = number(field.substr(1));
    hasValidity = true;
  } while (in.take(" "));
  if (!hasValidity) throw SyntaxError("there is no UIDVALIDITY, V");
  return header;
}

}  // namespace

DovecotUidList DovecotUidList::parse(std::string_view text) {
  const std::vector<Line> lines = linesOf(text);
  if (lines.empty()) throw SyntaxError("the file is empty");
  const Header header = parseHeader(lines.front().text);
  DovecotUidList list;
  list.uidValidity = header.uidValidity;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    try {
      Cursor in(lines[i].text);
      Entry entry;
      entry.uid = in.number<std::uint32_t>();
      if (entry.uid == 0) throw SyntaxError("no message has the UID 0");
      in.expect(" ");
      while (header.version != 1 && !in.take(":")) {
        const std::string_view field = in.expectWhile(isOfWord, "a field or a file name");
        if (field.front() == 'P') {
          entry.uniqueId = field.substr(1);
          entry.isFileName = entry.uniqueId.empty();
        }
        if (field.front() == 'G') entry.guid = field.substr(1);
        in.expect(" ");
      }
      const std::string_view base = FileName::of(in.rest()).base;
      if (base.empty()) throw SyntaxError("expected a file name");
      list.entries.insert_or_assign(std::string(base), std::move(entry));
    } catch (const SyntaxError& error) {
      list.broken.push_back({lines[i].number, error.what()});
    }
  }
  return list;
}

}  // namespace posthouse::mailctl::maildir
