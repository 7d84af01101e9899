#pragma once
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <optional>
#include <sstream>
#include <string>

namespace posthouse::test {

/// What a scrape says of a series, written as there, `posthouse_x_total{a="1",b="2"}`; nothing if it is absent.
inline std::optional<double> valueOf(const prometheus::Registry& registry, const std::string& series) {
  std::istringstream scrape(prometheus::TextSerializer().Serialize(registry.Collect()));
  for (std::string line; std::getline(scrape, line);) {
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  }
  return std::nullopt;
}

/// How many logins of this kind were counted.
inline std::optional<double> logins(const prometheus::Registry& registry, const std::string& protocol,
                                    const std::string& mechanism, const std::string& result) {
  return valueOf(registry, "posthouse_auth_attempts_total{mechanism=\"" + mechanism + "\",protocol=\"" + protocol +
                               "\",result=\"" + result + "\"}");
}

}  // namespace posthouse::test
