#include "base/base64url.h"

#include "base/base64.h"

namespace posthouse::base64url {

std::string encode(std::string_view octets) {
  std::string text = base64::encode(octets);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

std::optional<std::string> decode(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  for (char& c : standard) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  standard.append((4 - standard.size() % 4) % 4, '=');
  return base64::decode(standard);
}

}  // namespace posthouse::base64url
