// GNU SASL, which nobody here wrote, authenticates with our side of the mechanisms that both know.
#include <gsasl.h>

#include <catch2/catch.hpp>

#include "base/base64.h"
#include "crypto/random.h"
#include "sasl/anonymous.h"
#include "sasl/cram_md5.h"
#include "sasl/external.h"
#include "sasl/scram.h"
#include "sasl/timestamp.h"

using namespace posthouse;
using namespace posthouse::sasl;

namespace {

/// A client of GNU SASL in the middle of a mechanism.
class Client {
 public:
  using Properties = std::map<Gsasl_property, std::string>;

  Client(const std::string& mechanism, const Properties& properties) {
    REQUIRE(gsasl_init(&context_) == GSASL_OK);
    REQUIRE(gsasl_client_start(context_, mechanism.c_str(), &session_) == GSASL_OK);
    for (const auto& [property, value] : properties)
      REQUIRE(gsasl_property_set(session_, property, value.c_str()) == GSASL_OK);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    gsasl_finish(session_);
    gsasl_done(context_);
  }

  /// What it says to that. `code` is then what it thinks of it.
  std::string step(std::string_view challenge) {
    char* output = nullptr;
    std::size_t size = 0;
    code = gsasl_step(session_, challenge.data(), challenge.size(), &output, &size);
    std::string answer(output == nullptr ? "" : std::string(output, size));
    gsasl_free(output);
    return answer;
  }

  int code = GSASL_NEEDS_MORE;

 private:
  Gsasl* context_ = nullptr;
  Gsasl_session* session_ = nullptr;
};

const std::string kBinding("\0exported, =\xFF", 13);

/// One exchange, as far as it goes: "welcome" if both sides are content.
std::string converse(const std::string& mechanism, const ScramKeys& keys, const Client::Properties& properties,
                     bool plusOffered) {
  Client client(mechanism, properties);
  const ScramContext context{.plus = scramMechanism(mechanism)->plus,
                             .plusOffered = plusOffered,
                             .channelBindings = {{std::string(kTlsExporter), kBinding}}};
  const auto start = beginScram(client.step(""), context);
  if (!start) return std::string(toString(start.error()));
  CHECK(start->username() == properties.at(GSASL_AUTHID));
  const auto authorization = properties.find(GSASL_AUTHZID);
  CHECK(start->authorizationIdentity() == (authorization == properties.end() ? "" : authorization->second));
  const ScramChallenge challenge = challengeScram(*start, keys, crypto::randomToken(18));
  const auto final = finishScram(challenge, client.step(challenge.message));
  if (!final) return std::string(toString(final.error()));
  client.step(final->message);
  return client.code == GSASL_OK ? "welcome" : gsasl_strerror(client.code);
}

}  // namespace

TEST_CASE("GNU SASL authenticates by SCRAM, and knows our keys for its password", "[sasl]") {
  const std::string mechanism = GENERATE("SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS");
  const std::string user = GENERATE("user", "us,er=", "=2C=3D,,==", "j\xC3\xB8rgen@example.org");
  const std::string authorization = GENERATE("", "an,other=one");
  CAPTURE(mechanism, user, authorization);
  const std::string password = "p\xC3\xA4ss, word=";
  const ScramMechanism named = *scramMechanism(mechanism);
  const ScramKeys keys = deriveScramKeys(named.hash, password, crypto::randomOctets(16), 5000);

  Client::Properties properties{{GSASL_AUTHID, user}, {GSASL_PASSWORD, password}};
  if (!authorization.empty()) properties[GSASL_AUTHZID] = authorization;
  if (named.plus) properties[GSASL_CB_TLS_EXPORTER] = base64::encode(kBinding);
  CHECK(converse(mechanism, keys, properties, true) == "welcome");

  properties[GSASL_PASSWORD] = "password";
  CHECK(converse(mechanism, keys, properties, true) == "invalid-proof");
  CHECK(converse(mechanism, fakeScramKeys(named.hash, "secret", user, 5000), properties, true) == "invalid-proof");
}

TEST_CASE("GNU SASL on another connection is not let in by SCRAM", "[sasl]") {
  const ScramKeys keys = deriveScramKeys(crypto::Hash::sha256, "pencil", crypto::randomOctets(16), 4096);
  CHECK(converse("SCRAM-SHA-256-PLUS", keys,
                 {{GSASL_AUTHID, "user"},
                  {GSASL_PASSWORD, "pencil"},
                  {GSASL_CB_TLS_EXPORTER, base64::encode("another connection")}},
                 true) == "channel-bindings-dont-match");
}

TEST_CASE("GNU SASL derives the keys that we do", "[sasl]") {
  const auto [hash, theirs] = GENERATE(table<crypto::Hash, Gsasl_hash>({
      {crypto::Hash::sha1, GSASL_HASH_SHA1},
      {crypto::Hash::sha256, GSASL_HASH_SHA256},
  }));
  const std::string password =
      GENERATE("pencil",
               "p\xC3\xA4ss, word=", "a password that is longer than a block of the hash, which has sixty-four octets");
  const std::string salt = crypto::randomOctets(16);
  const ScramKeys keys = deriveScramKeys(hash, password, salt, 4096);
  std::string salted(crypto::digestSize(hash), '\0');
  std::string clientKey(salted), serverKey(salted), storedKey(salted);
  REQUIRE(gsasl_scram_secrets_from_password(theirs, password.c_str(), 4096, salt.data(), salt.size(), salted.data(),
                                            clientKey.data(), serverKey.data(), storedKey.data()) == GSASL_OK);
  CHECK(keys.storedKey == storedKey);
  CHECK(keys.serverKey == serverKey);
}

TEST_CASE("GNU SASL answers a challenge of CRAM-MD5", "[sasl]") {
  Client client("CRAM-MD5", {{GSASL_AUTHID, "tim tom"}, {GSASL_PASSWORD, "tanstaaftanstaaf"}});
  const std::string challenge = timestamp(crypto::randomToken(), std::chrono::system_clock::now(), "mail.example.org");
  const auto response = parseCramMd5(client.step(challenge));
  REQUIRE(response);
  CHECK(response->name == "tim tom");
  CHECK(verifyCramMd5(challenge, *response, "tanstaaftanstaaf"));
  CHECK_FALSE(verifyCramMd5(challenge, *response, "another"));
}

TEST_CASE("GNU SASL says whom it wants to be by EXTERNAL, and leaves a trace by ANONYMOUS", "[sasl]") {
  CHECK(parseExternal(Client("EXTERNAL", {{GSASL_AUTHZID, "fred@example.com"}}).step("")) == "fred@example.com");
  CHECK(parseExternal(Client("EXTERNAL", {}).step("")) == "");
  CHECK(parseAnonymous(Client("ANONYMOUS", {{GSASL_ANONYMOUS_TOKEN, "sirhc"}}).step("")) == "sirhc");
}
