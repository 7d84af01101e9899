// Whatever a client wraps, what is read chooses no security layer and writes back what it came from.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sasl/gssapi.h"

using namespace posthouse::sasl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto choice = parseGssapiChoice(input);
  if (!choice) return 0;
  if (choice->authorizationIdentity.contains('\0')) std::abort();
  if (gssapiOffer() + choice->authorizationIdentity != input) std::abort();
  return 0;
}
