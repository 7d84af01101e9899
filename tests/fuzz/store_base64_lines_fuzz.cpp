// Lines of base64 in a body, the first octet picks: what is stored for a body gives the very same body; and whatever
// is found stored gives as many octets as it should, or is told to be damaged.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "base/base64.h"
#include "store/base64_lines.h"

using namespace posthouse;
using namespace posthouse::store;

namespace {

void comesBack(const std::string& piece) {
  std::string text;
  Base64Lines::text(Base64Lines::find(piece).form(), piece.size(), text);
  if (text != piece) std::abort();
}

/// Octets that a mutation seldom makes: lines of base64, their length picked by the first.
std::string lines(std::string_view octets) {
  const std::size_t each = (static_cast<unsigned char>(octets[0]) % 8 + 14) * 3;
  std::string text;
  for (; !octets.empty(); octets.remove_prefix(std::min(each, octets.size())))
    text += base64::encode(octets.substr(0, each)) + "\r\n";
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      comesBack(std::string(octets));
      break;
    case 1:
      comesBack(std::string(octets.substr(0, octets.size() / 2)) + lines(octets.substr(octets.size() / 2)));
      break;
    case 2: {
      std::string spoiled = lines(octets) + lines(octets.substr(octets.size() / 2));
      spoiled[data[1] * 251 % spoiled.size()] = octets.back();
      comesBack(spoiled);
      break;
    }
    default:
      const std::size_t expected = data[1] * 97;
      std::string text;
      try {
        Base64Lines::text(octets.substr(1), expected, text);
      } catch (const std::runtime_error&) {
        return 0;
      }
      if (text.size() != expected) std::abort();
  }
  return 0;
}
