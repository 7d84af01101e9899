#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "command_line.h"

namespace posthouse::mailctl {

/// "12.5 GiB", "0 B": for people.
std::string humanBytes(std::int64_t octets);
/// "2026-11-22 21:03:12Z", or "-" for 0.
std::string humanTime(std::int64_t secondsSince1970);

/// Writes results to standard output, in the format that was asked for. Every verb gives both forms.
class Output {
 public:
  explicit Output(Format format) noexcept : format_(format) {}

  bool isJson() const noexcept { return format_ == Format::json; }

  /// A heading and rows, columns as wide as they need to be; nothing but JSON with -o json.
  void table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows,
             const nlohmann::json& json) const;
  /// One sentence about what was done.
  void done(const std::string& sentence, const nlohmann::json& json) const;
  void json(const nlohmann::json& json) const;
  void text(std::string_view text) const;

 private:
  Format format_;
};

}  // namespace posthouse::mailctl
