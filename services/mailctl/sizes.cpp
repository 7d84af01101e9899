#include "sizes.h"

#include <fmt/format.h>

#include <iterator>
#include <limits>
#include <optional>

#include "config/units.h"
#include "exit_code.h"
#include "output.h"

namespace posthouse::mailctl {

std::int64_t parseQuota(const std::string& text) {
  if (text == "unlimited" || text == "none") return 0;
  const std::optional<std::uint64_t> octets = config::parseBytes(text);
  if (!octets || *octets > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    throw Failure(ExitCode::usage, fmt::format("\"{}\" is not a size: write 500MiB, 1GiB, or unlimited", text));
  return static_cast<std::int64_t>(*octets);
}

std::string showQuota(std::int64_t octets) {
  return octets == 0 ? "unlimited" : humanBytes(octets);
}

std::string exactQuota(std::int64_t octets) {
  if (octets == 0) return "unlimited";
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (octets % 1024 == 0 && unit + 1 < std::size(kUnits)) {
    octets /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", octets, kUnits[unit]);
}

}  // namespace posthouse::mailctl
