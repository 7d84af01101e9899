#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace posthouse::config {

/// "250ms", "30s", "5m", "2h", "1d". A number without a unit is refused: nobody remembers which it would be.
std::optional<std::chrono::milliseconds> parseDuration(std::string_view text);

/// Octets: "0", "512B", "64KiB", "25MiB", "1GiB", "2TiB", and the decimal "KB", "MB", "GB", "TB".
std::optional<std::uint64_t> parseBytes(std::string_view text);

}  // namespace posthouse::config
