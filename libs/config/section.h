#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.h"

namespace posthouse::config {

/// What is wrong with a configuration, one line an error: "posthouse.toml:10:13: error: database.pool_size: expected an
/// integer".
class Errors {
 public:
  void add(const std::string& place, const std::string& key, const std::string& message);
  bool empty() const noexcept { return lines_.empty(); }
  const std::vector<std::string>& lines() const noexcept { return lines_; }

 private:
  std::vector<std::string> lines_;
};

/// One table of the configuration, read key by key. A missing or wrong value is noted among the errors and the default
/// is returned, so that all errors come at once. Values carry units: "25MiB", "30s".
class Section {
 public:
  Section(std::string path, std::string place, const Table* table, Errors& errors);

  const std::string& path() const noexcept { return path_; }
  /// Where it stands: "posthouse.toml:10:1".
  const std::string& place() const noexcept { return place_; }
  bool has(std::string_view key) const;
  /// For a key that may be a number or text.
  bool isInteger(std::string_view key) const;

  std::string text(std::string_view key);  // required
  std::string text(std::string_view key, std::string_view otherwise);
  std::optional<std::string> optionalText(std::string_view key);
  /// A text that must not be shown. `key`_file names a file that holds it instead (Docker's and Kubernetes' secrets).
  std::string secret(std::string_view key, std::string_view otherwise);
  /// One of a closed list.
  std::string choice(std::string_view key, const std::vector<std::string_view>& among, std::string_view otherwise);
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  double number(std::string_view key, double otherwise);
  bool flag(std::string_view key, bool otherwise);
  std::uint64_t bytes(std::string_view key, std::uint64_t otherwise);
  std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds otherwise);
  std::vector<std::string> list(std::string_view key, std::vector<std::string> otherwise = {});
  std::vector<std::chrono::milliseconds> durations(std::string_view key,
                                                   std::vector<std::chrono::milliseconds> otherwise);
  /// [[section.key]]: tables in the order of the file.
  std::vector<Section> tables(std::string_view key);

  /// Notes an error at the key: for what only the program can know ("not an address").
  void fail(std::string_view key, const std::string& message);

  /// Notes every key that was never asked for, with the known key that looks most like it. Call last.
  void rejectUnread();

 private:
  const Value* find(std::string_view key);
  template <class T>
  const T* get(std::string_view key, const char* expected);
  std::string full(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }

  std::string path_;
  std::string place_;
  const Table* table_;  // null: the section is absent
  Errors* errors_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace posthouse::config
