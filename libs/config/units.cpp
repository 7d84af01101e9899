#include "config/units.h"

#include <charconv>
#include <limits>

namespace posthouse::config {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

template <std::size_t N>
std::optional<std::uint64_t> parse(std::string_view text, const Unit (&units)[N]) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& known : units) {
    if (known.name != unit) continue;
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / known.factor)
      return std::nullopt;
    return number * known.factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> parseDuration(std::string_view text) {
  static constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  const auto milliseconds = parse(text, kUnits);
  if (!milliseconds) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*milliseconds));
}

std::optional<std::uint64_t> parseBytes(std::string_view text) {
  static constexpr Unit kUnits[] = {
      {"B", 1},        {"KiB", 1ull << 10}, {"MiB", 1ull << 20},     {"GiB", 1ull << 30},        {"TiB", 1ull << 40},
      {"KB", 1000ull}, {"MB", 1000'000ull}, {"GB", 1000'000'000ull}, {"TB", 1000'000'000'000ull}};
  if (text == "0") return 0;
  return parse(text, kUnits);
}

}  // namespace posthouse::config
