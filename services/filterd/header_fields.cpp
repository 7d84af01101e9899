#include "header_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace posthouse::filterd {

std::span<const std::string_view> reservedFieldNames() {
  static constexpr std::string_view kNames[] = {"X-Spam-Flag", "X-Spam-Score", "X-Spam-Status"};
  return kNames;
}

std::vector<HeaderField> verdictFields(double score, double required, const std::vector<std::string>& symbols,
                                       const std::string& scannedBy) {
  const bool spam = score >= required;
  const std::string tests = symbols.empty() ? "none" : fmt::format("{}", fmt::join(symbols, ","));
  std::vector<HeaderField> fields{
      {"X-Spam-Flag", spam ? "YES" : "NO"},
      {"X-Spam-Score", fmt::format("{:.1f}", score)},
      {"X-Spam-Status",
       fmt::format("{}, score={:.1f} required={:.1f} tests={}", spam ? "Yes" : "No", score, required, tests)},
  };
  if (!scannedBy.empty()) fields.push_back({"X-Virus-Scanned", "ClamAV by Posthouse at " + scannedBy});
  return fields;
}

}  // namespace posthouse::filterd
