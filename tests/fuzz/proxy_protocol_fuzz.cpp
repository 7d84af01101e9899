// PROXY protocol headers: no crash; what is accepted says how long it is within what was given, and more octets behind
// it change nothing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  try {
    const auto header = net::parseProxyHeader(octets);
    if (!header) return 0;
    if (header->length > size) std::abort();
    const auto again = net::parseProxyHeader(octets.substr(0, header->length));
    if (!again || again->source != header->source || again->length != header->length) std::abort();
  } catch (const SyntaxError&) {  // the promised answer to anything else
  }
  return 0;
}
