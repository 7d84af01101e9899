#include "sasl/scram_keys.h"

#include <catch2/catch.hpp>
#include <set>

#include "base/base64.h"

using namespace posthouse;
using namespace posthouse::sasl;
using crypto::Hash;

namespace {

/// Of "pencil", with the salt of RFC 7677 §3.
constexpr std::string_view kPencil =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

}  // namespace

TEST_CASE("SCRAM: what PostgreSQL 15 has stored of a role's password are our keys of it", "[sasl]") {
  const std::string stored =
      "SCRAM-SHA-256$4096:napWQR7opfhou1saJlSZjA==$Hfyzkpdl5QlMSTGHTGIRzz1JvnMPwq9463l1fCuLlEQ=:"
      "eNZYUD9AilKta/aO+q7ETEummC7HqjVWM2toA0CFWeo=";
  const auto keys = parseScramKeys(stored);
  REQUIRE(keys);
  CHECK(deriveScramKeys(Hash::sha256, "p\xC3\xA4ssword, \"=$:", keys->salt, keys->iterations) == *keys);
}

TEST_CASE("SCRAM: keys are stored as text", "[sasl]") {
  const ScramKeys keys = deriveScramKeys(Hash::sha256, "pencil", *base64::decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  CHECK(toString(keys) == kPencil);
  CHECK(parseScramKeys(kPencil) == keys);
}

TEST_CASE("SCRAM: keys of either hash are read as they were written", "[sasl]") {
  const Hash hash = GENERATE(Hash::sha1, Hash::sha256);
  const std::size_t salt = GENERATE(as<std::size_t>(), 8, 16, 64);
  const ScramKeys keys = deriveScramKeys(hash, "p\xC3\xA4ssword", std::string(salt, '$'), ScramKeys::kMinIterations);
  CHECK(parseScramKeys(toString(keys)) == keys);
}

TEST_CASE("SCRAM: what are no keys is refused", "[sasl]") {
  const std::string salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
  const std::string key = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=";
  const std::string shortKey = "WG5d8oPm3OtcPnkdi4Uo7BkeZkA=";  // SHA-1's 20 octets
  const auto [text, reason] = GENERATE_COPY(table<std::string, std::string>({
      {"", "not the keys of a SCRAM mechanism"},
      {"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "not the keys of a SCRAM mechanism"},
      {"SCRAM-SHA-512$4096:" + salt + "$" + key + ":" + key, "not the keys of a SCRAM mechanism"},
      {"scram-sha-256$4096:" + salt + "$" + key + ":" + key, "not the keys of a SCRAM mechanism"},
      {"SCRAM-SHA-256:4096:" + salt + "$" + key + ":" + key, "expected '$'"},
      {"SCRAM-SHA-256$:" + salt + "$" + key + ":" + key, "expected a number"},
      {"SCRAM-SHA-256$-4096:" + salt + "$" + key + ":" + key, "expected a number"},
      {"SCRAM-SHA-256$04096:" + salt + "$" + key + ":" + key, "the iterations begin with 0"},
      {"SCRAM-SHA-256$4095:" + salt + "$" + key + ":" + key, "the iterations are too few or too many"},
      {"SCRAM-SHA-256$1000001:" + salt + "$" + key + ":" + key, "the iterations are too few or too many"},
      {"SCRAM-SHA-256$99999999999:" + salt + "$" + key + ":" + key, "number too large"},
      {"SCRAM-SHA-256$4096$" + key + ":" + key, "expected ':'"},
      {"SCRAM-SHA-256$4096:" + salt + "$" + key, "expected ':'"},
      {"SCRAM-SHA-256$4096:" + salt + "$" + key + ":" + key + ":", "there is text after the keys"},
      {"SCRAM-SHA-256$4096:" + salt + "$" + key + ":" + key + "\n", "a salt or a key is not base 64"},
      {"SCRAM-SHA-256$4096:secret$" + key + ":" + key, "a salt or a key is not base 64"},
      {"SCRAM-SHA-256$4096:$" + key + ":" + key, "a salt or a key is too short or too long"},
      {"SCRAM-SHA-256$4096:" + base64::encode(std::string(65, 's')) + "$" + key + ":" + key,
       "a salt or a key is too short or too long"},
      {"SCRAM-SHA-256$4096:" + salt + "$" + shortKey + ":" + key, "a salt or a key is too short or too long"},
      {"SCRAM-SHA-256$4096:" + salt + "$" + key + ":", "a salt or a key is too short or too long"},
      {"SCRAM-SHA-1$4096:" + salt + "$" + shortKey + ":" + key, "a salt or a key is too short or too long"},
  }));
  CAPTURE(text);
  CHECK(parseScramKeys(text) == std::unexpected(reason));
}

TEST_CASE("SCRAM: a stranger has keys, the same at every try, and they are no password's", "[sasl]") {
  const Hash hash = GENERATE(Hash::sha1, Hash::sha256);
  const ScramKeys keys = fakeScramKeys(hash, "the server's secret", "nobody@example.org", 10'000);
  CHECK(keys == fakeScramKeys(hash, "the server's secret", "nobody@example.org", 10'000));
  CHECK(keys.hash == hash);
  CHECK(keys.iterations == 10'000);
  CHECK(keys.salt.size() == 16);
  CHECK(parseScramKeys(toString(keys)) == keys);
}

TEST_CASE("SCRAM: a stranger's salt tells nothing of another's, nor of the secret", "[sasl]") {
  std::set<std::string> salts;
  for (const std::string secret : {"one", "another"}) {
    for (const std::string name : {"nobody", "nobody2", ""}) {
      for (const Hash hash : {Hash::sha1, Hash::sha256}) salts.insert(fakeScramKeys(hash, secret, name, 4096).salt);
    }
  }
  CHECK(salts.size() == 12);
  const ScramKeys keys = fakeScramKeys(Hash::sha256, "one", "nobody", 4096, 64);
  CHECK(keys.salt.substr(0, 32) != keys.salt.substr(32));
  CHECK(keys.storedKey != keys.serverKey);
  CHECK(keys.salt.substr(0, 32) != keys.storedKey);
}
