#include "tokens/judgement.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/cursor.h"

using namespace posthouse;
using namespace posthouse::accountd;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

IssuerConfig issuer() {
  IssuerConfig config;
  config.issuer = "https://idp.test";
  config.audiences = {"mail", "imap"};
  config.scopes = {"mail"};
  config.domains = {"mail.test", "other.test"};
  return config;
}

json claims() {
  return {{"iss", "https://idp.test"},
          {"aud", "mail"},
          {"exp", kNow + 300},
          {"scope", "openid mail"},
          {"email", "alice@mail.test"}};
}

/// The claims with some others in their place; null: without.
json but(const json& changes) {
  json changed = claims();
  for (const auto& [name, value] : changes.items()) {
    if (value.is_null()) {
      changed.erase(name);
    } else {
      changed[name] = value;
    }
  }
  return changed;
}

std::string judged(const json& object, const IssuerConfig& config) {
  const auto now = std::chrono::system_clock::from_time_t(kNow);
  const auto result = judge(claimsOf(object.dump(), config.accountClaim), config, now);
  return result ? result->text() : std::string(label(result.error()));
}

}  // namespace

TEST_CASE("claims say whose account a token is for, or why it is for none", "[accountd]") {
  const auto [changes, result] = GENERATE(table<json, std::string>({
      {json::object(), "alice@mail.test"},
      {json{{"email", "Alice@OTHER.test"}}, "alice@other.test"},
      {json{{"aud", json::array({"web", "imap"})}}, "alice@mail.test"},
      {json{{"aud", "web"}}, "audience"},
      {json{{"aud", json::array()}}, "audience"},
      {json{{"aud", nullptr}}, "audience"},
      {json{{"aud", "mail "}}, "audience"},
      {json{{"aud", "Mail"}}, "audience"},
      {json{{"iss", "https://idp.test/"}}, "unknown_issuer"},
      {json{{"iss", "https://IDP.test"}}, "unknown_issuer"},
      {json{{"iss", nullptr}}, "unknown_issuer"},
      {json{{"exp", kNow - 29}}, "alice@mail.test"},  // clocks differ by up to 30 s
      {json{{"exp", kNow - 30}}, "expired"},
      {json{{"exp", kNow - 30.5}}, "expired"},
      {json{{"exp", 1300819380}}, "expired"},
      {json{{"exp", 0}}, "expired"},
      {json{{"exp", nullptr}}, "expired"},
      {json{{"nbf", kNow + 30}}, "alice@mail.test"},
      {json{{"nbf", kNow + 31}}, "not_yet_valid"},
      {json{{"scope", "mail"}}, "alice@mail.test"},
      {json{{"scope", nullptr}, {"scp", json::array({"openid", "mail"})}}, "alice@mail.test"},
      {json{{"scope", nullptr}, {"scp", "openid mail"}}, "alice@mail.test"},
      {json{{"scope", "openid email"}}, "scope"},
      {json{{"scope", "mailbox xmail mail,"}}, "scope"},
      {json{{"scope", nullptr}}, "scope"},
      {json{{"email", nullptr}}, "no_name"},
      {json{{"email", ""}}, "no_name"},
      {json{{"email", "alice"}}, "no_name"},  // of two domains
      {json{{"email", "alice@mail.test, bob@mail.test"}}, "no_name"},
      {json{{"email", "alice@evil.test"}}, "foreign_domain"},
      {json{{"email", "alice@sub.mail.test"}}, "foreign_domain"},
      {json{{"email_verified", true}}, "alice@mail.test"},
      {json{{"email_verified", "true"}}, "alice@mail.test"},
      {json{{"email_verified", false}}, "unverified_address"},
      {json{{"email_verified", "false"}}, "unverified_address"},
      {json{{"cnf", {{"jkt", "x"}}}}, "bound"},
      {json{{"token_type", "DPoP"}}, "bound"},
      {json{{"token_type", "Bearer"}}, "alice@mail.test"},
      {json{{"exp", kNow - 100}, {"scope", ""}}, "expired"},  // a new token, not another scope
  }));
  CAPTURE(changes.dump());
  CHECK(judged(but(changes), issuer()) == result);
}

TEST_CASE("a claim of another type is malformed", "[accountd]") {
  const json changes = GENERATE(json{{"exp", "1800000300"}}, json{{"exp", 1e300}}, json{{"exp", true}},
                                json{{"iss", 1}}, json{{"aud", 1}}, json{{"aud", json::array({1})}},
                                json{{"email", json::array()}}, json{{"scope", 1}}, json{{"nbf", "0"}});
  CAPTURE(changes.dump());
  CHECK_THROWS_AS(claimsOf(but(changes).dump(), "email"), SyntaxError);
}

TEST_CASE("a member that comes twice is not chosen from", "[accountd]") {
  CHECK_THROWS_AS(claimsOf(R"({"email":"alice@mail.test","email":"bob@mail.test"})", "email"), SyntaxError);
  CHECK_THROWS_AS(claimsOf(R"({"a":{"b":1,"b":2}})", "email"), SyntaxError);
  CHECK_NOTHROW(claimsOf(R"({"a":{"b":1},"c":{"b":2}})", "email"));
}

TEST_CASE("another claim may name the account", "[accountd]") {
  IssuerConfig config = issuer();
  config.accountClaim = "preferred_username";
  CHECK(judged(but({{"preferred_username", "bob@mail.test"}, {"email_verified", false}}), config) == "bob@mail.test");
  CHECK(judged(but({{"preferred_username", "bob"}}), config) == "no_name");
  config.domains = {"mail.test"};
  CHECK(judged(but({{"preferred_username", "Bob"}}), config) == "bob@mail.test");
  CHECK(judged(but({{"preferred_username", "bob@evil.test"}}), config) == "foreign_domain");
  config.domains.clear();
  CHECK(judged(but({{"preferred_username", "bob"}}), config) == "no_name");
  CHECK(judged(but({{"preferred_username", "bob@any.test"}}), config) == "bob@any.test");
}

TEST_CASE("an issuer that was asked may leave out what it has looked at itself", "[accountd]") {
  IssuerConfig config = issuer();
  config.verification = IssuerConfig::Verification::introspection;
  CHECK(judged(but({{"iss", nullptr}, {"exp", nullptr}}), config) == "alice@mail.test");
  CHECK(judged(but({{"iss", "https://other.test"}}), config) == "unknown_issuer");
  CHECK(judged(but({{"exp", kNow - 100}}), config) == "expired");
  CHECK(judged(but({{"aud", nullptr}}), config) == "audience");
  config.audiences.clear();
  CHECK(judged(but({{"aud", nullptr}}), config) == "alice@mail.test");
}
