#include "csv.h"

#include <catch2/catch.hpp>

#include "exit_code.h"

using namespace posthouse::mailctl;

namespace {
std::string shown(const std::string& text) {
  std::string shown;
  for (const CsvRecord& record : parseCsv(text)) {
    shown += std::to_string(record.line) + ":";
    for (const std::string& field : record.fields) shown += "[" + field + "]";
  }
  return shown;
}
}  // namespace

TEST_CASE("comma-separated values are read as RFC 4180 says", "[mailctl]") {
  const auto [text, fields] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"a,b", "1:[a][b]"},
      {"a,b\nc,d\n", "1:[a][b]2:[c][d]"},
      {"a,b\r\nc,d\r\n", "1:[a][b]2:[c][d]"},
      {"\n\na,\n", "3:[a][]"},
      {"\"a,b\",\"c\"\"d\"", "1:[a,b][c\"d]"},
      {"\"a\nb\",c\nd", "1:[a\nb][c]3:[d]"},
      {"a, b ,c d", "1:[a][ b ][c d]"},
      {"a\"b,c", "1:[a\"b][c]"},
  }));
  CAPTURE(text);
  CHECK(shown(text) == fields);
}

TEST_CASE("a quote that is not closed, or closed too soon, is named with its line", "[mailctl]") {
  CHECK_THROWS_WITH(parseCsv("a,b\n\"c,d"), Catch::StartsWith("line 2: "));
  CHECK_THROWS_WITH(parseCsv("\"a\"b"), Catch::StartsWith("line 1: "));
  CHECK_THROWS_AS(parseCsv("\""), Failure);
}
