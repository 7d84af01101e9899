// Promise: no octets crash or throw; of what is read as a set there is at least one key, each has an algorithm that it
// is for, and verifies nothing that nobody signed.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tokens/jwks.h"
#include "tokens/signature.h"

using namespace posthouse::accountd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto keys = parseJwks({reinterpret_cast<const char*>(data), size});
  if (!keys) return keys.error().empty() ? (std::abort(), 0) : 0;
  if (keys->empty()) std::abort();
  constexpr std::array kAll{JwsAlgorithm::rs256, JwsAlgorithm::ps384, JwsAlgorithm::es256,
                            JwsAlgorithm::es384, JwsAlgorithm::es512, JwsAlgorithm::edDsa};
  for (const Jwk& key : *keys) {
    Jws jws{.signingInput = "e30.e30", .payload = "{}", .signature = std::string(64, 'x')};
    for (const JwsAlgorithm algorithm : kAll) {
      jws.algorithm = algorithm;
      if (isSignedBy(jws, key)) std::abort();
    }
    if (key.algorithm && !key.isFor(*key.algorithm)) std::abort();
  }
  return 0;
}
