#pragma once
#include <optional>

#include "tokens/jwks.h"
#include "tokens/jws.h"

namespace posthouse::accountd {

/// Whether the key made the signature, by the algorithm that the token says (RFC 7518 §3, RFC 8037 §3.1). False also
/// for a key that is not of this algorithm. Takes less than 0.1 ms for RSA, 0.2 ms for P-256 and Ed25519, and 1 to
/// 2 ms for P-384 and P-521.
bool isSignedBy(const Jws& jws, const Jwk& key);

/// The same with the key among them that the token names, or the first ten that fit its algorithm if it names none.
/// Nothing if one did, or the refusal: unknownKey if no key has the name, or there is no name and it was none of them;
/// algorithm if the key is for another one; signature.
std::optional<TokenRefusal> refusalBy(const Jws& jws, const Jwks& keys);

}  // namespace posthouse::accountd
