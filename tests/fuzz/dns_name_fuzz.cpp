// Names for DNS: what is made of a domain stays itself, is no longer than a name may be, and has no 8-bit octet.
#include "dns/name.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto name = dns::asciiName(text)) {
    if (name->empty() || name->size() > 255 || std::ranges::any_of(*name, ascii::isEightBit)) std::abort();
    if (!name->ends_with('.') && dns::asciiName(*name) != name) std::abort();
  }
  if (const auto name = dns::reverseName(text); name && !name->ends_with(".arpa")) std::abort();
  return 0;
}
