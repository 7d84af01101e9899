// Promise: a name that decodes encodes to the same octets, and whatever is encoded decodes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "imap/utf7.h"

using namespace posthouse::imap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (const auto decoded = decodeUtf7(octets); decoded && encodeUtf7(*decoded) != octets) std::abort();
  const auto there = encodeUtf7(octets);
  const auto back = decodeUtf7(there);
  if (!back || encodeUtf7(*back) != there) std::abort();
  return 0;
}
