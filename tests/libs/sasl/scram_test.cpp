#include "sasl/scram.h"

#include <catch2/catch.hpp>

#include "base/base64.h"

using namespace posthouse;
using namespace posthouse::sasl;
using crypto::Hash;

namespace {

/// The tests' connection: TLS, with both types.
ChannelBindings tlsBindings() {
  return {{std::string(kTlsExporter), std::string("\x01\x00\xFF,=", 5)}, {std::string(kTlsServerEndPoint), "a hash"}};
}

std::string unbase64(std::string_view text) {
  const auto octets = base64::decode(text);
  REQUIRE(octets);
  return *octets;
}

/// The exchange of RFC 5802 §5 up to the challenge.
ScramChallenge challengeOfRfc5802() {
  const auto start = beginScram("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", {});
  REQUIRE(start);
  return challengeScram(*start, deriveScramKeys(Hash::sha1, "pencil", unbase64("QSXCR+Q6sek8bf92"), 4096),
                        "3rfcNHYJY1ZVvWVs7j");
}

}  // namespace

TEST_CASE("SCRAM-SHA-1 speaks the example of RFC 5802", "[sasl]") {
  const auto start = beginScram("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", {});
  REQUIRE(start);
  CHECK(start->username() == "user");
  CHECK(start->authorizationIdentity().empty());
  const ScramChallenge challenge = challengeOfRfc5802();
  CHECK(challenge.message == "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
  CHECK(finishScram(challenge, "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
            .value()
            .message == "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

TEST_CASE("SCRAM-SHA-256 speaks the example of RFC 7677", "[sasl]") {
  const auto start = beginScram("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", {});
  REQUIRE(start);
  const ScramChallenge challenge =
      challengeScram(*start, deriveScramKeys(Hash::sha256, "pencil", unbase64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096),
                     "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
  CHECK(challenge.message == "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  CHECK(finishScram(challenge,
                    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
            .value()
            .message == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST_CASE("SCRAM: the client's last message is refused for what is wrong with it", "[sasl]") {
  const ScramChallenge challenge = challengeOfRfc5802();
  const std::string nonce = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
  const std::string proof = "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
  const auto [message, error] = GENERATE_COPY(table<std::string, ScramError>({
      {"c=biws," + nonce + ",p=w0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", ScramError::invalidProof},
      {"c=biws," + nonce + ",p=", ScramError::invalidProof},
      {"c=biws," + nonce + ",p=v0X8v3Bz2T0CJGbJQyF0X+HI", ScramError::invalidProof},
      // what the proof covers has changed, though it is ignored
      {"c=biws," + nonce + ",x=y," + proof, ScramError::invalidProof},
      // the client's nonce alone, ours alone, another end, more, another case
      {"c=biws,r=fyko+d2lbbFgONRv9qkxdawL," + proof, ScramError::otherError},
      {"c=biws,r=3rfcNHYJY1ZVvWVs7j," + proof, ScramError::otherError},
      {"c=biws," + nonce.substr(0, nonce.size() - 1) + "k," + proof, ScramError::otherError},
      {"c=biws," + nonce + "j," + proof, ScramError::otherError},
      {"c=biws,r=FYKO+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j," + proof, ScramError::otherError},
      // y,, where the first message said n,,; an authorization identity that came later; nothing
      {"c=eSws," + nonce + "," + proof, ScramError::channelBindingsDontMatch},
      {"c=" + base64::encode("n,a=admin,") + "," + nonce + "," + proof, ScramError::channelBindingsDontMatch},
      {"c=" + base64::encode("n,,more") + "," + nonce + "," + proof, ScramError::channelBindingsDontMatch},
      {"c=," + nonce + "," + proof, ScramError::channelBindingsDontMatch},
      {"c=biws,m=x," + nonce + "," + proof, ScramError::invalidEncoding},
      {"c=biws," + nonce + ",m=x," + proof, ScramError::extensionsNotSupported},
  }));
  CAPTURE(message);
  CHECK(finishScram(challenge, message).error() == error);
}

TEST_CASE("SCRAM: somebody with several passwords proves one of them, and is answered by it", "[sasl]") {
  const std::string salt = unbase64("QSXCR+Q6sek8bf92");
  const auto keysOf = [&](std::string_view password) { return deriveScramKeys(Hash::sha1, password, salt, 4096); };
  const auto [passwords, candidate] = GENERATE(table<std::vector<std::string>, std::optional<std::size_t>>({
      {{"pencil"}, 0},
      {{"pen", "pencil", "ink"}, 1},
      {{"pen", "ink", "pencil"}, 2},
      {{"pen", "ink"}, std::nullopt},
  }));
  std::vector<ScramKeys> candidates;
  for (const std::string& password : passwords) candidates.push_back(keysOf(password));
  const ScramChallenge challenge =
      challengeScram(*beginScram("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", {}), candidates, "3rfcNHYJY1ZVvWVs7j");
  CHECK(challenge.message == challengeOfRfc5802().message);
  const auto proof =
      finishScram(challenge, "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  REQUIRE(proof.has_value() == candidate.has_value());
  if (!proof) return;
  CHECK(proof->candidate == candidate);
  CHECK(proof->message == "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

TEST_CASE("SCRAM: what the first message says of channel binding fits the mechanism, or is refused", "[sasl]") {
  const ScramContext plain{};
  const ScramContext plainBesidePlus{.plus = false, .plusOffered = true, .channelBindings = tlsBindings()};
  const ScramContext plus{.plus = true, .plusOffered = true, .channelBindings = tlsBindings()};
  const auto [header, context, error] = GENERATE_COPY(table<std::string, ScramContext, std::optional<ScramError>>({
      {"n,", plain, std::nullopt},
      {"y,", plain, std::nullopt},
      {"p=tls-exporter,", plain, ScramError::channelBindingNotSupported},
      {"n,", plainBesidePlus, std::nullopt},
      // somebody has taken the -PLUS out of what we announced
      {"y,", plainBesidePlus, ScramError::serverDoesSupportChannelBinding},
      {"p=tls-exporter,", plainBesidePlus, ScramError::channelBindingNotSupported},
      {"n,", plus, ScramError::channelBindingsDontMatch},
      {"y,", plus, ScramError::serverDoesSupportChannelBinding},
      {"p=tls-exporter,", plus, std::nullopt},
      {"p=tls-server-end-point,", plus, std::nullopt},
      {"p=tls-unique,", plus, ScramError::unsupportedChannelBindingType},
      {"p=TLS-EXPORTER,", plus, ScramError::unsupportedChannelBindingType},
  }));
  CAPTURE(header, context.plus, context.plusOffered);
  const auto start = beginScram(header + ",n=user,r=abc", context);
  if (error) {
    CHECK(start.error() == *error);
  } else {
    CHECK(start.has_value());
  }
}

TEST_CASE("SCRAM: a channel binding without octets binds to nothing, so it is none", "[sasl]") {
  const ScramContext context{.plus = true, .plusOffered = true, .channelBindings = {{"tls-exporter", ""}}};
  CHECK(beginScram("p=tls-exporter,,n=user,r=abc", context).error() == ScramError::unsupportedChannelBindingType);
}

TEST_CASE("SCRAM: the four mechanisms are known by their names", "[sasl]") {
  CHECK(scramMechanism("SCRAM-SHA-256") == ScramMechanism{.hash = Hash::sha256, .plus = false});
  CHECK(scramMechanism("scram-sha-256-plus") == ScramMechanism{.hash = Hash::sha256, .plus = true});
  CHECK(scramMechanism("SCRAM-SHA-1") == ScramMechanism{.hash = Hash::sha1, .plus = false});
  CHECK(scramMechanism("SCRAM-SHA-1-PLUS") == ScramMechanism{.hash = Hash::sha1, .plus = true});
  CHECK_FALSE(scramMechanism("SCRAM-SHA-512"));
  CHECK_FALSE(scramMechanism("SCRAM-SHA-1-"));
  CHECK_FALSE(scramMechanism(""));
}

TEST_CASE("SCRAM: errors are spelled as RFC 5802 does", "[sasl]") {
  const auto [error, text] = GENERATE(table<ScramError, std::string>({
      {ScramError::invalidEncoding, "e=invalid-encoding"},
      {ScramError::extensionsNotSupported, "e=extensions-not-supported"},
      {ScramError::invalidProof, "e=invalid-proof"},
      {ScramError::channelBindingsDontMatch, "e=channel-bindings-dont-match"},
      {ScramError::serverDoesSupportChannelBinding, "e=server-does-support-channel-binding"},
      {ScramError::channelBindingNotSupported, "e=channel-binding-not-supported"},
      {ScramError::unsupportedChannelBindingType, "e=unsupported-channel-binding-type"},
      {ScramError::unknownUser, "e=unknown-user"},
      {ScramError::invalidUsernameEncoding, "e=invalid-username-encoding"},
      {ScramError::noResources, "e=no-resources"},
      {ScramError::otherError, "e=other-error"},
  }));
  CHECK(serverErrorMessage(error) == text);
}
