#include "maildir/courier_size_list.h"

#include <fmt/format.h>

#include "base/cursor.h"
#include "maildir/lines.h"

namespace posthouse::mailctl::maildir {
namespace {

unsigned parseVersion(std::string_view line) {
  Cursor in(line);
  if (!in.take("/")) return 0;
  const auto version = in.number<unsigned>();
  if (version < 1 || version > 3) throw SyntaxError("only versions 1 to 3 are known");
  in.expect(" ");
  in.number<std::uint64_t>();
  if (version == 1) return version;
  in.expect(" ");
  in.number<std::uint64_t>();
  return version;
}

std::string ofFileName(std::string_view base) {
  std::string id;
  for (const char c : base) {
    const bool isPlain = c > ' ' && c <= '~' && c != '\'' && c != '"' && c != '+';
    id += isPlain ? std::string(1, c) : fmt::format("+{:02X}", static_cast<unsigned char>(c));
  }
  return id;
}

std::string parseId(Cursor& in, unsigned version, std::string_view base) {
  if (version == 0) return ofFileName(base);
  in.expect(" ");
  const auto number = in.number<std::uint64_t>();
  std::uint64_t validity = 0;
  if (version >= 2) {
    in.expect(":");
    validity = in.number<std::uint64_t>();
  }
  if (version >= 3 && in.take(":")) in.number<unsigned>();
  if (number == 0) return ofFileName(base);
  return validity == 0 ? fmt::format("UID{}", number) : fmt::format("UID{}-{}", number, validity);
}

}  // namespace

CourierSizeList CourierSizeList::parse(std::string_view text) {
  const std::vector<Line> lines = linesOf(text);
  if (lines.empty()) throw SyntaxError("the file is empty");
  const unsigned version = parseVersion(lines.front().text);
  CourierSizeList list;
  for (std::size_t i = version == 0 ? 0 : 1; i < lines.size(); ++i) {
    try {
      Cursor in(lines[i].text);
      const std::string_view name = in.expectWhile([](char c) { return c != ' '; }, "a file name");
      in.expect(" ");
      in.number<std::uint64_t>();
      const std::string_view base = FileName::of(name).base;
      std::string id = parseId(in, version, base);
      if (!in.atEnd()) throw SyntaxError("text after the line's end");
      list.uniqueIds.insert_or_assign(std::string(base), std::move(id));
    } catch (const SyntaxError& error) {
      list.broken.push_back({lines[i].number, error.what()});
    }
  }
  if (version == 0 && list.uniqueIds.empty()) throw SyntaxError("this is no courierpop3dsizelist");
  return list;
}

}  // namespace posthouse::mailctl::maildir
