#include "db/prepared_statements.h"

#include <charconv>
#include <cstdint>
#include <iterator>

namespace posthouse::db {

std::string PreparedStatements::nameOf(std::string_view sql) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : sql) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char digits[16];
  const auto end = std::to_chars(digits, std::end(digits), hash, 16).ptr;
  return "posthouse_" + std::string(digits, end);
}

}  // namespace posthouse::db
