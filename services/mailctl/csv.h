#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::mailctl {

struct CsvRecord {
  std::int64_t line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
};

/// Comma-separated values (RFC 4180): fields in quotes may hold commas, doubled quotes and line ends. Lines end with LF
/// or CRLF; empty ones are left out. Throws Failure with the line's number.
std::vector<CsvRecord> parseCsv(std::string_view text);

}  // namespace posthouse::mailctl
