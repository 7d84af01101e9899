#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace posthouse::config {

struct Value;
using Array = std::vector<Value>;

/// A table, its keys in order.
struct Table {
  std::map<std::string, Value> values;

  friend bool operator==(const Table&, const Table&);
};

/// A value and where it was written.
struct Value {
  std::variant<std::string, std::int64_t, double, bool, Array, Table> content;
  std::string place;  // "posthouse.toml:10:13", "POSTHOUSE__LOG__LEVEL in the environment", "-o log.level"
  std::string raw;    // of an override: the text as given, for keys that want text

  /// Wherever it was written.
  friend bool operator==(const Value& a, const Value& b) { return a.content == b.content; }
};

inline bool operator==(const Table& a, const Table& b) {
  return a.values == b.values;
}

/// Reads TOML. Throws SyntaxError whose what() is "NAME:LINE:COLUMN: error: ...".
Table parseToml(const std::string& text, const std::string& name);

/// One value as an override gives it: TOML if it reads as that ("10", "true", "[\"a\"]"), else the text itself.
Value parseOverride(const std::string& text, const std::string& place);

}  // namespace posthouse::config
