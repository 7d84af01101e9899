#include "tokens/token_verifier.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/base64.h"
#include "services/accountd/tokens/issuer_street.h"
#include "support/child_process.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::test;
using namespace std::chrono_literals;
using Verification = IssuerConfig::Verification;

TEST_CASE("an issuer's metadata lead to its keys, and they verify its tokens", "[accountd]") {
  IssuerStreet street;
  street.open();
  CHECK(street.verify(street.token()) == "alice@mail.test");
  CHECK(street.verify(street.token({{"email", "bob@mail.test"}})) == "bob@mail.test");
  CHECK(street.askedFor("/.well-known/openid-configuration") == 1);
  CHECK(street.askedFor("/keys") == 1);
  CHECK(valueOf(street.registry, "posthouse_oauth_tokens_total{result=\"ok\"}") == 2);
}

TEST_CASE("metadata may be where RFC 8414 has them", "[accountd]") {
  IssuerStreet street;
  street.pages["/.well-known/oauth-authorization-server"] =
      std::exchange(street.pages["/.well-known/openid-configuration"], SmallHttpServer::answer("404 No", ""));
  street.open();
  CHECK(street.verify(street.token()) == "alice@mail.test");
}

TEST_CASE("metadata of somebody else, or none, are not followed", "[accountd]") {
  IssuerStreet street;
  const std::string keys = street.url("/keys");
  const json document = GENERATE_COPY(json{{"issuer", "https://evil.test"}, {"jwks_uri", keys}},
                                      json{{"jwks_uri", keys}}, json{{"issuer", 1}, {"jwks_uri", keys}}, json("no"));
  street.metadata(document);
  street.open();
  CHECK(street.verify(street.token()) == "unavailable");
  CHECK(street.askedFor("/keys") == 0);
}

TEST_CASE("metadata that lead elsewhere in the clear are not followed", "[accountd]") {
  IssuerStreet street;
  street.metadata({{"issuer", street.url("")}, {"jwks_uri", "http://192.0.2.1/keys"}});
  street.open();
  CHECK(street.verify(street.token()) == "unavailable");
}

TEST_CASE("bad tokens are refused, each for its reason", "[accountd]") {
  IssuerStreet street;
  const Signer stranger("P-256");
  const Signer rsa("RSA");
  street.keys({street.signer.jwk("one"), rsa.jwk("rsa")});
  street.open();
  const json header{{"alg", "ES256"}, {"kid", "one"}};
  const json claims = street.claims();
  const std::string good = street.token();
  const std::string none = base64url::encode(R"({"alg":"none"})") + "." + base64url::encode(claims.dump()) + ".";
  const std::vector<std::pair<std::string, std::string>> bad{
      {none, "algorithm"},
      {none + "AAAA", "algorithm"},
      {hmacToken({{"alg", "HS256"}, {"kid", "rsa"}}, claims, rsa.publicPem()), "algorithm"},
      {hmacToken({{"alg", "HS256"}, {"kid", "one"}}, claims, street.signer.publicPem()), "algorithm"},
      {hmacToken({{"alg", "RS256"}, {"kid", "rsa"}}, claims, rsa.publicPem()), "signature"},
      {hmacToken({{"alg", "ES256"}, {"kid", "rsa"}}, claims, rsa.publicPem()), "algorithm"},
      {stranger.token(header, claims), "signature"},
      {rsa.token({{"alg", "RS256"}, {"kid", "one"}}, claims), "algorithm"},
      {street.signer.token({{"alg", "ES256"}, {"kid", "rsa"}}, claims), "algorithm"},
      {street.signer.token({{"alg", "ES256"}, {"kid", "two"}}, claims), "unknown_key"},
      {stranger.token({{"alg", "ES256"}}, claims), "unknown_key"},
      {stranger.token({{"alg", "ES256"}, {"kid", "one"}, {"jwk", stranger.jwk("one")}}, claims), "signature"},
      {street.token({{"iss", "https://evil.test"}}), "unknown_issuer"},
      {street.token({{"iss", street.url("/")}}), "unknown_issuer"},
      {street.token({{"iss", nullptr}}), "unknown_issuer"},
      {street.token({{"aud", "calendar"}}), "audience"},
      {street.token({{"exp", street.seconds() - 31}}), "expired"},
      {street.token({{"nbf", street.seconds() + 60}}), "not_yet_valid"},
      {street.token({{"exp", nullptr}}), "expired"},
      {street.token({{"exp", "tomorrow"}}), "malformed"},
      {street.token({{"scope", "openid"}}), "scope"},
      {street.token({{"email", "alice@evil.test"}}), "foreign_domain"},
      {street.token({{"email_verified", false}}), "unverified_address"},
      {good.substr(0, good.size() - 1), "malformed"},
      {good.substr(0, good.rfind('.') + 1) + base64url::encode(std::string(63, 'x')), "signature"},
      {good.substr(0, good.rfind('.')), "unknown_issuer"},
      {good.substr(0, good.rfind('.') + 1), "malformed"},
      {good + "AAAA", "signature"},
      {good.substr(1), "malformed"},
      {"opaque", "unknown_issuer"},
      {"", "unknown_issuer"},
      {"a.b.c", "malformed"},
      {std::string(1 << 20, 'A'), "malformed"},
      {good + std::string(1 << 20, 'A'), "malformed"},
  };
  REQUIRE(street.verify(good) == "alice@mail.test");
  for (const auto& [token, reason] : bad) {
    CAPTURE(token.substr(0, 400));
    CHECK(street.verify(token) == reason);
  }
  CHECK(street.verify(good) == "alice@mail.test");
  CHECK(valueOf(street.registry, "posthouse_oauth_tokens_total{result=\"audience\"}") == 1);
}

TEST_CASE("keys that were changed are fetched with the first token of a new one", "[accountd]") {
  IssuerStreet street;
  street.open();
  REQUIRE(street.verify(street.token()) == "alice@mail.test");
  const Signer fresh("RSA");
  street.keys({fresh.jwk("two")});
  CHECK(street.verify(fresh.token({{"alg", "PS256"}, {"kid", "two"}}, street.claims())) == "alice@mail.test");
  CHECK(street.verify(street.token()) == "unknown_key");
}

TEST_CASE("while the issuer is away its keys go on, and what needs others must come again", "[accountd]") {
  IssuerStreet street;
  street.open();
  REQUIRE(street.verify(street.token()) == "alice@mail.test");
  street.isDown = true;
  const Signer fresh("P-256");
  CHECK(street.verify(fresh.token({{"alg", "ES256"}, {"kid", "two"}}, street.claims())) == "unavailable");
  CHECK(street.verify(street.token()) == "alice@mail.test");
  CHECK(valueOf(street.registry, "posthouse_oauth_tokens_total{result=\"unavailable\"}") == 1);
}

TEST_CASE("keys may be in a file", "[accountd]") {
  IssuerStreet street;
  const TemporaryFolder folder;
  street.config.verification = Verification::keysByFile;
  street.config.file = folder.path() / "keys.json";
  std::ofstream(street.config.file) << setOf({street.signer.jwk("one")});
  street.open();
  CHECK(street.verify(street.token()) == "alice@mail.test");
  const Signer fresh("P-384");
  std::ofstream(street.config.file) << setOf({fresh.jwk("two")});
  CHECK(street.verify(fresh.token({{"alg", "ES384"}, {"kid", "two"}}, street.claims())) == "alice@mail.test");
  CHECK(street.server.asked.empty());
}

TEST_CASE("an issuer speaks for no other's tokens", "[accountd]") {
  IssuerStreet street;
  IssuerConfig other = street.config;
  other.issuer = "other";
  other.verification = Verification::keysByUrl;
  other.url = street.url("/other-keys");
  other.domains = {"other.test"};
  const Signer otherSigner("ED25519");
  street.pages["/other-keys"] = IssuerStreet::ok(setOf({otherSigner.jwk("one")}));
  street.open({street.config, other});
  const json header{{"alg", "EdDSA"}, {"kid", "one"}};
  const json hers{{"iss", "other"}, {"email", "zoe@other.test"}};
  CHECK(street.verify(otherSigner.token(header, street.but(hers))) == "zoe@other.test");
  CHECK(street.verify(otherSigner.token(header, street.but({{"iss", "other"}}))) == "foreign_domain");
  CHECK(street.verify(otherSigner.token(header, street.claims())) == "algorithm");  // by the one's key of this name
  CHECK(street.verify(street.token(hers)) == "algorithm");
  CHECK(street.verifier->advisor(parseAddress("zoe@other.test")).issuer == "other");
  CHECK(street.verifier->advisor(parseAddress("alice@mail.test")).issuer == street.config.issuer);
  CHECK(street.verifier->advisor(parseAddress("x@nowhere.test")).issuer == street.config.issuer);
  CHECK(street.verifier->advisor(std::nullopt).issuer == street.config.issuer);
}

TEST_CASE("an issuer that is asked is told who asks, and its answer is good for a while", "[accountd]") {
  IssuerStreet street;
  street.asks();
  street.introspection(street.but({{"active", true}, {"token_type", "Bearer"}}));
  street.open();
  CHECK(street.verify("opaque+/=token") == "alice@mail.test");
  REQUIRE(street.server.asked.size() == 1);
  const auto& asked = street.server.asked[0];
  CHECK(asked.line == "POST /introspect HTTP/1.1");
  CHECK(asked.body == "token=opaque%2B%2F%3Dtoken&token_type_hint=access_token");
  CHECK(asked.header("Content-Type") == "application/x-www-form-urlencoded");
  CHECK(asked.header("Authorization") == "Basic " + base64::encode("mail%20server:s%3Ae%2Bcret%25"));
  CHECK(street.verify("opaque+/=token") == "alice@mail.test");
  CHECK(street.server.asked.size() == 1);
  CHECK(street.verify("another") == "alice@mail.test");
  CHECK(street.server.asked.size() == 2);
  street.now += 331s;  // beyond what the token says, however lately that was heard
  CHECK(street.verify("opaque+/=token") == "expired");
}

TEST_CASE("a JWT is asked about by its issuer's name, whatever it is signed with", "[accountd]") {
  IssuerStreet street;
  street.asks();
  street.introspection(street.but({{"active", true}}));
  street.open();
  CHECK(street.verify(hmacToken({{"alg", "HS256"}}, street.claims(), "the issuer's own")) == "alice@mail.test");
  CHECK(street.server.asked.size() == 1);
  CHECK(street.verify(street.token({{"iss", "https://other.test"}})) == "unknown_issuer");
  CHECK(street.server.asked.size() == 1);  // nobody is shown another's token
}

TEST_CASE("an answer that says no is kept, one that says nothing is none", "[accountd]") {
  const auto [body, result] = GENERATE(table<std::string, std::string>({
      {R"({"active":false})", "inactive"},
      {R"({"active":false,"email":"alice@mail.test"})", "inactive"},
      {R"({"active":"true"})", "unavailable"},
      {R"({"active":1})", "unavailable"},
      {R"({})", "unavailable"},
      {R"([])", "unavailable"},
      {"<html>", "unavailable"},
      {R"({"active":true,"active":false})", "unavailable"},
      {R"({"active":true})", "audience"},
  }));
  CAPTURE(body);
  IssuerStreet street;
  street.asks();
  street.pages["/introspect"] = IssuerStreet::ok(body);
  street.open();
  CHECK(street.verify("token") == result);
  CHECK(street.verify("token") == result);
  CHECK(street.server.asked.size() == 1);  // or it is left alone for a moment
}

TEST_CASE("an issuer that does not know us, or fails, is no verdict on a token", "[accountd]") {
  const std::string status = GENERATE("401 Unauthorized", "403 Forbidden", "404 Not Found", "500 Oh", "302 Found");
  IssuerStreet street;
  street.asks();
  street.pages["/introspect"] = SmallHttpServer::answer(status, R"({"active":true})", "Location: /other\r\n");
  street.open();
  CHECK(street.verify("token") == "unavailable");
  CHECK(street.verify("other") == "unavailable");
  CHECK(street.server.asked.size() == 1);
  CHECK(valueOf(street.registry, "posthouse_oauth_introspection_duration_seconds_count{issuer=\"" + street.url("") +
                                     "\",result=\"error\"}") == 1);
}

TEST_CASE("of several who are asked it is the one that speaks for whom the client claims to be", "[accountd]") {
  IssuerStreet street;
  street.asks();
  IssuerConfig other = street.config;
  other.issuer = "other";
  other.url = street.url("/other");
  other.domains = {"other.test"};
  street.introspection(street.but({{"active", true}}));
  street.pages["/other"] =
      IssuerStreet::ok(street.but({{"active", true}, {"iss", "other"}, {"email", "zoe@other.test"}}).dump());
  street.open({street.config, other});
  CHECK(street.verify("token", "zoe@other.test") == "zoe@other.test");
  CHECK(street.askedFor("/introspect") == 0);
  CHECK(street.verify("token", "alice@mail.test") == "alice@mail.test");
  CHECK(street.verify("token", "bob@nowhere.test") == "unknown_issuer");
  CHECK(street.verify("token") == "unknown_issuer");
}
