#include "output.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/ascii.h"

namespace posthouse::mailctl {
namespace {

/// Characters, not octets: what a column is wide. Combining and wide characters are counted as one.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text += cells[i];
    if (i + 1 < cells.size()) text.append(widths[i] - width(cells[i]) + 2, ' ');
  }
  while (text.ends_with(' ')) text.pop_back();  // of empty cells at the end
  return text + "\n";
}

}  // namespace

std::string humanBytes(std::int64_t octets) {
  constexpr std::array<std::string_view, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(octets);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  const bool whole = unit == 0 || value == static_cast<double>(static_cast<std::int64_t>(value));
  return fmt::format("{:.{}f} {}", value, whole ? 0 : 1, kUnits[unit]);
}

std::string humanTime(std::int64_t secondsSince1970) {
  if (secondsSince1970 == 0) return "-";
  return fmt::format("{:%Y-%m-%d %H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(secondsSince1970)));
}

void Output::table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows,
                   const nlohmann::json& json) const {
  if (isJson()) return this->json(json);
  std::vector<std::size_t> widths;
  for (const std::string& cell : heading) widths.push_back(width(cell));
  for (const auto& cells : rows)
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], width(cells[i]));
  text(row(heading, widths));
  for (const auto& cells : rows) text(row(cells, widths));
}

void Output::done(const std::string& sentence, const nlohmann::json& json) const {
  if (isJson()) return this->json(json);
  text(sentence + "\n");
}

void Output::json(const nlohmann::json& json) const {
  text(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void Output::text(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace posthouse::mailctl
