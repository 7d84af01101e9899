// Strict base 64: what decodes is what its octets encode to, and all octets come back.
#include "base/base64.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto octets = base64::decode(text); octets && base64::encode(*octets) != text) std::abort();
  if (base64::decode(base64::encode(text)) != text) std::abort();
  return 0;
}
