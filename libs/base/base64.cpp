#include "base/base64.h"

#include <array>

#include "base/base64_groups.h"

namespace posthouse::base64 {

std::string encode(std::string_view octets) {
  const std::size_t whole = octets.size() / kGroupOctets * kGroupOctets;
  const std::string_view rest = octets.substr(whole);
  std::string text(whole / kGroupOctets * kGroup, '\0');
  encodeGroups(octets.substr(0, whole), text.data());
  if (rest.empty()) return text;
  std::array<char, kGroupOctets> last{};
  std::array<char, kGroup> group;
  rest.copy(last.data(), rest.size());
  encodeGroups({last.data(), last.size()}, group.data());
  return text.append(group.data(), rest.size() + 1).append(kGroupOctets - rest.size(), '=');
}

std::optional<std::string> decode(std::string_view text) {
  if (text.size() % kGroup != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::size_t whole = padding > 0 ? text.size() - kGroup : text.size();
  std::string octets(whole / kGroup * kGroupOctets + kSpare, '\0');
  if (decodeGroups(text.substr(0, whole), octets.data()) != whole) return std::nullopt;
  octets.resize(octets.size() - kSpare);
  if (padding == 0) return octets;
  std::string group(text.substr(whole, kGroup - padding));
  group.append(padding, 'A');  // the value 0
  std::array<char, kGroupOctets + kSpare> last{};
  if (decodeGroups(group, last.data()) != kGroup) return std::nullopt;
  for (std::size_t i = kGroupOctets - padding; i < kGroupOctets; ++i) {
    if (last[i] != 0) return std::nullopt;
  }
  return octets.append(last.data(), kGroupOctets - padding);
}

}  // namespace posthouse::base64
