// Comma-separated values, RFC 4180 §2.
#include "csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/cursor.h"
#include "exit_code.h"

namespace posthouse::mailctl {
namespace {

/// escaped = DQUOTE *(TEXTDATA / COMMA / CR / LF / 2DQUOTE) DQUOTE
std::string escaped(Cursor& in) {
  in.expect("\"");
  std::string field;
  while (true) {
    field.append(in.takeWhile([](char c) { return c != '"'; }));
    in.expect("\"");
    if (!in.take("\"")) return field;
    field.push_back('"');
  }
}

/// field = (escaped / non-escaped)
std::string field(Cursor& in) {
  if (in.peek() == '"') return escaped(in);
  return std::string(in.takeWhile([](char c) { return c != ',' && c != '\r' && c != '\n'; }));
}

/// record = field *(COMMA field), and the line's end
std::vector<std::string> record(Cursor& in) {
  std::vector<std::string> fields{field(in)};
  while (in.take(",")) fields.push_back(field(in));
  in.take("\r");
  if (!in.atEnd() && !in.take("\n")) throw SyntaxError("text after a closing quote");
  return fields;
}

}  // namespace

std::vector<CsvRecord> parseCsv(std::string_view text) {
  std::vector<CsvRecord> records;
  Cursor in(text);
  std::int64_t line = 1;
  try {
    while (!in.atEnd()) {
      const std::string_view before = in.rest();
      std::vector<std::string> fields = record(in);
      const bool isEmpty = fields.size() == 1 && fields.front().empty();
      if (!isEmpty) records.push_back({line, std::move(fields)});
      line += std::ranges::count(before.substr(0, before.size() - in.rest().size()), '\n');
    }
  } catch (const SyntaxError& error) {
    throw Failure(ExitCode::failed, fmt::format("line {}: {}", line, error.what()));
  }
  return records;
}

}  // namespace posthouse::mailctl
