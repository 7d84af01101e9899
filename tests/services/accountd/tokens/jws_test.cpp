#include "tokens/jws.h"

#include <catch2/catch.hpp>

#include "services/accountd/tokens/token_maker.h"
#include "tokens/signature.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::test;

namespace {

constexpr const char* kJoe =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr const char* kHobbit =
    "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5k"
    "IGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";

struct Example {
  std::string source;
  std::string jwk;
  std::string header;
  std::string payload;
  std::string signature;
};

const std::vector<Example>& examples() {
  static const std::vector<Example> all{
      {"RFC 7515 A.2, RS256",
       R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})",
       "eyJhbGciOiJSUzI1NiJ9", kJoe,
       "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
       "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
       "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
       "cN_IoypGlUPQGe77Rw"},
      {"RFC 7515 A.3, ES256",
       R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
       "eyJhbGciOiJFUzI1NiJ9", kJoe,
       "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
      {"RFC 7515 A.4, ES512",
       R"({"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"})",
       "eyJhbGciOiJFUzUxMiJ9", "UGF5bG9hZA",
       "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2Y"
       "BJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"},
      {"RFC 7520 section 4.2, PS384",
       R"({"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"})",
       "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9", kHobbit,
       "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OL"
       "PpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shn"
       "r2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6"
       "oD4ifKo8DYM-X72Eaw"},
      {"RFC 8037 A.4, EdDSA", R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
       "eyJhbGciOiJFZERTQSJ9", "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
       "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
  };
  return all;
}

std::string tokenOf(const Example& example) {
  return example.header + "." + example.payload + "." + example.signature;
}

Jwks keysOf(const Example& example) {
  auto keys = parseJwks("{\"keys\":[" + example.jwk + "]}");
  REQUIRE(keys);
  return *std::move(keys);
}

}  // namespace

TEST_CASE("the RFCs' examples verify, with the payload that they show", "[accountd]") {
  for (const Example& example : examples()) {
    CAPTURE(example.source);
    const auto jws = parseJws(tokenOf(example));
    REQUIRE(jws);
    CHECK(base64url::encode(jws->payload) == example.payload);
    CHECK_FALSE(refusalBy(*jws, keysOf(example)));
  }
}

TEST_CASE("no other key, payload or signature verifies", "[accountd]") {
  for (const Example& example : examples()) {
    for (const Example& other : examples()) {
      CAPTURE(example.source, other.source);
      auto jws = parseJws(tokenOf(example));
      REQUIRE(jws);
      if (example.source != other.source) CHECK(refusalBy(*jws, keysOf(other)));
    }
    auto jws = parseJws(example.header + "." + example.payload + "AAAA." + example.signature);
    if (jws) CHECK(refusalBy(*jws, keysOf(example)));
    for (const std::size_t place : {std::size_t(0), example.signature.size() / 2}) {
      Example forged = example;
      forged.signature[place] = forged.signature[place] == 'A' ? 'B' : 'A';
      const auto wrong = parseJws(tokenOf(forged));
      REQUIRE(wrong);
      CHECK(refusalBy(*wrong, keysOf(example)));
    }
  }
}

TEST_CASE("unsecured tokens and HMACs are refused, whatever they say", "[accountd]") {
  const std::string hs256 =  // RFC 7515 A.1
      std::string("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.") + kJoe + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  CHECK(parseJws(hs256).error() == TokenRefusal::algorithm);
  CHECK(parseJws(std::string("eyJhbGciOiJub25lIn0.") + kJoe + ".").error() == TokenRefusal::algorithm);  // A.5
  for (const char* algorithm :
       {"none", "None", "NONE", "HS256", "HS512", "rs256", "RS1", "ES256K", "RSA-OAEP", "dir", ""}) {
    CAPTURE(algorithm);
    const std::string token =
        base64url::encode(json{{"alg", algorithm}}.dump()) + "." + kJoe + "." + base64url::encode("signature");
    CHECK(parseJws(token).error() == TokenRefusal::algorithm);
  }
}

TEST_CASE("every algorithm that is allowed verifies what was signed by it, and by no other", "[accountd]") {
  const auto [type, algorithms] = GENERATE(table<std::string, std::vector<std::string>>({
      {"RSA", {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}},
      {"P-256", {"ES256"}},
      {"P-384", {"ES384"}},
      {"P-521", {"ES512"}},
      {"ED25519", {"EdDSA"}},
      {"ED448", {"EdDSA"}},
  }));
  const Signer signer(type);
  const Jwks keys = *parseJwks(setOf({signer.jwk("k")}));
  for (const std::string& algorithm : algorithms) {
    CAPTURE(type, algorithm);
    auto jws = parseJws(signer.token({{"alg", algorithm}, {"kid", "k"}}, json::object()));
    REQUIRE(jws);
    CHECK_FALSE(refusalBy(*jws, keys));
    for (const std::string other : {"RS256", "RS384", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}) {
      if (other == algorithm) continue;
      jws->algorithm = *jwsAlgorithm(other);
      CAPTURE(other);
      CHECK(refusalBy(*jws, keys));
    }
  }
}

TEST_CASE("a token's header is read strictly", "[accountd]") {
  const std::string payload = base64url::encode("{}");
  const std::string signature = base64url::encode("signature");
  const auto [header, isRead] = GENERATE(table<std::string, bool>({
      {R"({"alg":"RS256"})", true},
      {R"({"alg":"RS256","kid":"1","typ":"at+jwt"})", true},
      {R"({"alg":"RS256","typ":"application/AT+JWT"})", true},
      {R"({"alg":"RS256","typ":"jwt"})", true},
      {R"({"alg":"RS256","jku":"https://evil.test/","jwk":{"kty":"oct"},"x5c":["MII"]})", true},  // never looked at
      {R"({"alg":"RS256","typ":"logout+jwt"})", false},
      {R"({"alg":"RS256","typ":"dpop+jwt"})", false},
      {R"({"alg":"RS256","typ":1})", false},
      {R"({"alg":"RS256","kid":1})", false},
      {R"({"alg":"RS256","kid":null})", false},
      {R"({"alg":["RS256"]})", false},
      {R"({"alg":"RS256","crit":["http://example.invalid/UNDEFINED"],"http://example.invalid/UNDEFINED":true})", false},
      {R"({"alg":"RS256","crit":[]})", false},
      {R"({"alg":"RS256","b64":false,"crit":["b64"]})", false},
      {R"({"alg":"RS256","alg":"RS256"})", false},
      {R"({"alg":"RS256","\u0061lg":"none"})", false},
      {R"({"alg":"RS256"} x)", false},
      {R"({"alg":"RS256",})", false},
      {"{\"alg\":\"RS256\",\"kid\":\"\xff\"}", false},
      {R"(["RS256"])", false},
      {R"("RS256")", false},
      {"", false},
  }));
  CAPTURE(header);
  const auto jws = parseJws(base64url::encode(header) + "." + payload + "." + signature);
  CHECK(jws.has_value() == isRead);
}

TEST_CASE("what is no compact JWS to the letter is malformed", "[accountd]") {
  const std::string header = base64url::encode(R"({"alg":"RS256"})");
  const std::string token =
      GENERATE_COPY(as<std::string>{}, "", ".", "..", "...", header, header + ".e30", header + ".e30.",
                    header + ".e30.AAA.", header + ".e30.AAAA.AAAA.AAAA", header + ".e30.AA==", header + "=.e30.AAAA",
                    header + ".e3+.AAAA", header + ".e30.AAAB\n", " " + header + ".e30.AAAA", header + ".e31.AAAA",
                    header + ".e30." + base64url::encode(std::string(Jws::kMaxSignature + 1, 'x')),
                    header + "." + std::string(Jws::kMaxSize, 'A') + ".AAAA", std::string(1 << 20, '.'),
                    std::string(1 << 20, 'A'), base64url::encode(std::string(8000, '[')) + ".e30.AAAA");
  CAPTURE(token.substr(0, 80));
  const auto jws = parseJws(token);
  REQUIRE_FALSE(jws);
  CHECK(jws.error() == TokenRefusal::malformed);
}

TEST_CASE("a key is found by its name, and by its kind where the token gives none", "[accountd]") {
  const Signer old("P-256");
  const Signer current("P-256");
  const Signer rsa("RSA");
  const Jwks keys = *parseJwks(setOf({old.jwk("old"), current.jwk("current"), rsa.jwk("rsa")}));
  const auto refusal = [&](const Signer& signer, const json& header) {
    return refusalBy(*parseJws(signer.token(header, json::object())), keys);
  };
  CHECK_FALSE(refusal(current, {{"alg", "ES256"}, {"kid", "current"}}));
  CHECK_FALSE(refusal(current, {{"alg", "ES256"}}));
  CHECK_FALSE(refusal(rsa, {{"alg", "PS256"}}));
  CHECK(refusal(current, {{"alg", "ES256"}, {"kid", "old"}}) == TokenRefusal::signature);
  CHECK(refusal(current, {{"alg", "ES256"}, {"kid", "new"}}) == TokenRefusal::unknownKey);
  CHECK(refusal(current, {{"alg", "ES256"}, {"kid", "rsa"}}) == TokenRefusal::algorithm);
  CHECK(refusal(rsa, {{"alg", "RS256"}, {"kid", "current"}}) == TokenRefusal::algorithm);
  const Signer stranger("P-256");
  CHECK(refusal(stranger, {{"alg", "ES256"}}) == TokenRefusal::unknownKey);
}
