#include "tokens/jwks.h"

#include <catch2/catch.hpp>

#include "services/accountd/tokens/token_maker.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::test;

namespace {

constexpr const char* kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr const char* kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

json curveKey() {
  return {{"kty", "EC"}, {"crv", "P-256"}, {"x", kX}, {"y", kY}};
}

json with(json key, const std::string& name, const json& value) {
  key[name] = value;
  return key;
}

}  // namespace

TEST_CASE("a key that cannot verify signatures here is passed over", "[accountd]") {
  static const Signer rsa("RSA");
  static const Signer weak("RSA", 1024);
  static const Signer edwards("ED25519");
  const auto [key, isUsed] = GENERATE_REF(table<json, bool>({
      {curveKey(), true},
      {with(curveKey(), "use", "sig"), true},
      {with(curveKey(), "key_ops", json::array({"verify"})), true},
      {with(curveKey(), "alg", "ES256"), true},
      {with(curveKey(), "anything", json::array({1})), true},
      {rsa.jwk(), true},
      {with(rsa.jwk(), "alg", "PS512"), true},
      {edwards.jwk(), true},
      {with(curveKey(), "use", "enc"), false},
      {with(curveKey(), "use", 1), false},
      {with(curveKey(), "key_ops", json::array({"deriveKey"})), false},
      {with(curveKey(), "key_ops", "verify"), false},
      {with(curveKey(), "alg", "RS256"), false},
      {with(curveKey(), "alg", "ES384"), false},
      {with(curveKey(), "alg", "ECDH-ES"), false},
      {with(curveKey(), "kid", 1), false},
      {with(curveKey(), "crv", "P-384"), false},
      {with(curveKey(), "crv", "secp256k1"), false},
      {with(curveKey(), "y", kX), false},  // not on the curve
      {with(curveKey(), "y", std::string(kY) + "AA"), false},
      {with(curveKey(), "x", ""), false},
      {with(curveKey(), "x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVE=="), false},
      {weak.jwk(), false},
      {with(rsa.jwk(), "e", "AQAA"), false},  // even
      {with(rsa.jwk(), "e", "AQ"), false},
      {with(rsa.jwk(), "e", base64url::encode(std::string(9, '\x01'))), false},
      {with(rsa.jwk(), "n", base64url::encode(std::string(1100, '\x01'))), false},
      {with(rsa.jwk(), "n", base64url::encode(std::string(5000, '\x01'))), false},
      {with(edwards.jwk(), "crv", "X25519"), false},
      {with(edwards.jwk(), "x", "AAAA"), false},
      {json{{"kty", "oct"}, {"k", "AAAA"}}, false},
      {json("RSA"), false},
      {json::object(), false},
  }));
  CAPTURE(key.dump());
  CHECK(parseJwks(setOf({key})).has_value() == isUsed);
  const auto beside = parseJwks(setOf({key, rsa.jwk("good")}));
  REQUIRE(beside);
  CHECK(beside->size() == (isUsed ? 2 : 1));
}

TEST_CASE("what is no set of keys is said to be none", "[accountd]") {
  std::vector<json> many(101, curveKey());
  const std::string text = GENERATE_COPY(as<std::string>{}, "", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})",
                                         "<html>", R"({"keys":[],"keys":[]})", setOf(many));
  CAPTURE(text.substr(0, 40));
  const auto keys = parseJwks(text);
  REQUIRE_FALSE(keys);
  CHECK_FALSE(keys.error().empty());
}

TEST_CASE("a key is for the algorithms of its kind, or for the one that it names", "[accountd]") {
  static const Signer rsa("RSA");
  const Jwks keys = *parseJwks(setOf({rsa.jwk(), with(rsa.jwk(), "alg", "PS256"), curveKey()}));
  CHECK(keys[0].isFor(JwsAlgorithm::rs256));
  CHECK(keys[0].isFor(JwsAlgorithm::ps512));
  CHECK_FALSE(keys[0].isFor(JwsAlgorithm::es256));
  CHECK(keys[1].isFor(JwsAlgorithm::ps256));
  CHECK_FALSE(keys[1].isFor(JwsAlgorithm::rs256));
  CHECK(keys[2].isFor(JwsAlgorithm::es256));
  CHECK_FALSE(keys[2].isFor(JwsAlgorithm::es512));
  CHECK_FALSE(keys[2].isFor(JwsAlgorithm::edDsa));
}
