// Promise: no token crashes or throws; what is read as a JWS is, written again, the token; no key that it was not
// signed with verifies it, and no claims of it throw anything but SyntaxError.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/base64url.h"
#include "base/cursor.h"
#include "tokens/claims.h"
#include "tokens/jws.h"
#include "tokens/signature.h"

using namespace posthouse;
using namespace posthouse::accountd;

namespace {

/// RFC 7515 appendix A.3 and RFC 8037 appendix A: of nobody who signs here.
const Jwks& strangers() {
  static const Jwks keys = *parseJwks(
      R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},)"
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
  return keys;
}

void readClaimsOf(const Jws& jws) {
  issuerOf(jws.payload);
  try {
    claimsOf(jws.payload, "email");
  } catch (const SyntaxError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view token(reinterpret_cast<const char*>(data), size);
  const auto jws = parseJws(token);
  if (!jws) return 0;
  if (jws->signingInput + "." + base64url::encode(jws->signature) != token) std::abort();
  if (!jws->signingInput.ends_with("." + base64url::encode(jws->payload))) std::abort();
  const bool isExample = token.starts_with("eyJhbGciOiJFUzI1NiJ9.") || token.starts_with("eyJhbGciOiJFZERTQSJ9.");
  if (!refusalBy(*jws, strangers()) && !isExample) std::abort();
  readClaimsOf(*jws);
  return 0;
}
