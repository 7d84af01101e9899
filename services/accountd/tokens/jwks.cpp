// JSON Web Keys, RFC 7517; their parameters RFC 7518 §6 and RFC 8037 §2.
#include "tokens/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/base64url.h"
#include "base/cursor.h"
#include "base/free_with.h"
#include "tokens/json.h"

namespace posthouse::accountd {
namespace {

using nlohmann::json;

constexpr std::size_t kMostKeys = 100;
constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;
constexpr int kMostExponentBits = 64;  // a longer one only makes verifying slow

using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Jwk::Free>;

/// The key is of no use here.
class Unusable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string text(const json& key, const char* name) {
  const auto found = key.find(name);
  if (found == key.end() || !found->is_string()) throw Unusable("a member is missing or no text");
  return found->get<std::string>();
}

std::optional<std::string> optionalText(const json& key, const char* name) {
  if (!key.contains(name)) return std::nullopt;
  return text(key, name);
}

std::string octets(const json& key, const char* name) {
  auto decoded = base64url::decode(text(key, name));
  if (!decoded || decoded->empty()) throw Unusable("a parameter is not base 64 for URLs");
  return *std::move(decoded);
}

const unsigned char* data(const std::string& octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

Number number(const json& key, const char* name) {
  const std::string big = octets(key, name);
  if (big.size() > kMostRsaBits / 8 + 1) throw Unusable("a number is too large");
  return Number(BN_bin2bn(data(big), static_cast<int>(big.size()), nullptr));
}

Key built(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  const bool isMade = parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  Key made(key);
  ERR_clear_error();
  if (!isMade) throw Unusable("not a key");
  return made;
}

/// RFC 7518 §6.3.1
Key rsaKey(const json& key) {
  const Number modulus = number(key, "n");
  const Number exponent = number(key, "e");
  if (BN_num_bits(modulus.get()) < kLeastRsaBits || BN_num_bits(modulus.get()) > kMostRsaBits)
    throw Unusable("an RSA key of this size is not used");
  if (BN_num_bits(exponent.get()) > kMostExponentBits || BN_num_bits(exponent.get()) < 2 ||
      BN_is_odd(exponent.get()) == 0 || BN_is_odd(modulus.get()) == 0)
    throw Unusable("not an RSA key");
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return built("RSA", builder.get());
}

struct Curve {
  std::string_view name;
  KeyType type;
  const char* group;
  std::size_t size;  // octets of a coordinate
};
constexpr Curve kCurves[] = {{"P-256", KeyType::p256, "prime256v1", 32},
                             {"P-384", KeyType::p384, "secp384r1", 48},
                             {"P-521", KeyType::p521, "secp521r1", 66}};

/// RFC 7518 §6.2.1
Key ellipticKey(const json& key, KeyType& type) {
  const auto* const curve = std::ranges::find(kCurves, text(key, "crv"), &Curve::name);
  if (curve == std::end(kCurves)) throw Unusable("an unknown curve");
  const std::string x = octets(key, "x");
  const std::string y = octets(key, "y");
  if (x.size() != curve->size || y.size() != curve->size) throw Unusable("a coordinate of the wrong size");
  const std::string point = '\x04' + x + y;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  Key made = built("EC", builder.get());
  const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, made.get(), nullptr));
  const bool isOnCurve = context && EVP_PKEY_public_check(context.get()) == 1;
  ERR_clear_error();
  if (!isOnCurve) throw Unusable("a point that is not on its curve");
  type = curve->type;
  return made;
}

/// RFC 8037 §2
Key edwardsKey(const json& key) {
  const std::string curve = text(key, "crv");
  const int type = curve == "Ed25519" ? EVP_PKEY_ED25519 : curve == "Ed448" ? EVP_PKEY_ED448 : EVP_PKEY_NONE;
  if (type == EVP_PKEY_NONE) throw Unusable("an unknown curve");
  const std::string x = octets(key, "x");
  Key made(EVP_PKEY_new_raw_public_key(type, nullptr, data(x), x.size()));
  ERR_clear_error();
  if (!made) throw Unusable("not a key");
  return made;
}

void requireForSignatures(const json& key) {
  if (const auto use = optionalText(key, "use"); use && *use != "sig") throw Unusable("for encryption");
  const auto operations = key.find("key_ops");
  if (operations == key.end()) return;
  if (!operations->is_array() || std::ranges::find(*operations, json("verify")) == operations->end())
    throw Unusable("not to verify with");
}

Jwk usableKey(const json& key) {
  if (!key.is_object()) throw Unusable("not an object");
  requireForSignatures(key);
  Jwk jwk;
  jwk.keyId = optionalText(key, "kid");
  if (const auto name = optionalText(key, "alg")) {
    jwk.algorithm = jwsAlgorithm(*name);
    if (!jwk.algorithm) throw Unusable("of an algorithm that is not allowed");
  }
  const std::string type = text(key, "kty");
  if (type == "RSA") {
    jwk.key = rsaKey(key);
  } else if (type == "EC") {
    jwk.key = ellipticKey(key, jwk.type);
  } else if (type == "OKP") {
    jwk.type = KeyType::edwards;
    jwk.key = edwardsKey(key);
  } else {
    throw Unusable("of an unknown type");
  }
  if (jwk.algorithm && !jwk.isFor(*jwk.algorithm)) throw Unusable("not of its algorithm");
  return jwk;
}

KeyType typeFor(JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::es256:
      return KeyType::p256;
    case JwsAlgorithm::es384:
      return KeyType::p384;
    case JwsAlgorithm::es512:
      return KeyType::p521;
    case JwsAlgorithm::edDsa:
      return KeyType::edwards;
    default:
      return KeyType::rsa;
  }
}

}  // namespace

void Jwk::Free::operator()(evp_pkey_st* key) const noexcept {
  EVP_PKEY_free(key);
}

bool Jwk::isFor(JwsAlgorithm wanted) const {
  return typeFor(wanted) == type && (!algorithm || *algorithm == wanted);
}

std::expected<Jwks, std::string> parseJwks(std::string_view set) try {
  const json parsed = parseJsonObject(set);
  const auto keys = parsed.find("keys");
  if (keys == parsed.end() || !keys->is_array()) return std::unexpected("not a set of keys");
  if (keys->size() > kMostKeys) return std::unexpected("a set of too many keys");
  Jwks usable;
  for (const json& key : *keys) {
    try {
      usable.push_back(usableKey(key));
    } catch (const Unusable&) {  // RFC 7517 §5: "SHOULD ignore JWKs within a JWK Set"
    }
  }
  if (usable.empty()) return std::unexpected("a set without a key that could verify a signature");
  return usable;
} catch (const SyntaxError& error) {
  return std::unexpected(error.what());
}

}  // namespace posthouse::accountd
