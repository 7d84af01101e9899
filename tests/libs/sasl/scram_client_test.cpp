// Another SCRAM than ours: a client written after RFC 5802 §3 with OpenSSL alone, which authenticates with our server's
// side for whatever name and password.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <catch2/catch.hpp>
#include <random>

#include "sasl/scram.h"

using namespace posthouse;
using namespace posthouse::sasl;

namespace {

using Octets = std::vector<unsigned char>;

Octets octets(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string base64Of(const Octets& from) {
  std::string text(from.size() / 3 * 4 + 5, '\0');
  text.resize(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), from.data(), int(from.size())));
  return text;
}

Octets fromBase64(const std::string& text) {
  Octets to(text.size());
  const int size = EVP_DecodeBlock(to.data(), reinterpret_cast<const unsigned char*>(text.data()), int(text.size()));
  REQUIRE(size >= 0);
  to.resize(size - std::count(text.begin(), text.end(), '='));
  return to;
}

/// The value of an attribute in a message of the server.
std::string attribute(const std::string& message, const std::string& name) {
  const std::string searched = "," + message + ",";
  const std::size_t at = searched.find("," + name + "=");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = at + name.size() + 2;
  return searched.substr(begin, searched.find(',', begin) - begin);
}

class Client {
 public:
  Client(const EVP_MD* md, std::string name, std::string password) : md_(md), name_(name), password_(password) {}

  std::string header = "n,,";
  std::string binding;

  std::string first() {
    std::string escaped;
    for (const char c : name_) escaped += c == ',' ? "=2C" : c == '=' ? "=3D" : std::string(1, c);
    bare_ = "n=" + escaped + ",r=clientNonce";
    return header + bare_;
  }

  std::string final(const std::string& serverFirst) {
    const Octets salt = fromBase64(attribute(serverFirst, "s"));
    Octets salted(EVP_MD_get_size(md_));
    REQUIRE(PKCS5_PBKDF2_HMAC(password_.data(), int(password_.size()), salt.data(), int(salt.size()),
                              std::stoi(attribute(serverFirst, "i")), md_, int(salted.size()), salted.data()) == 1);
    const Octets clientKey = hmac(salted, "Client Key");
    Octets storedKey(clientKey.size());
    REQUIRE(EVP_Digest(clientKey.data(), clientKey.size(), storedKey.data(), nullptr, md_, nullptr) == 1);
    const std::string withoutProof = "c=" + base64Of(octets(header + binding)) + ",r=" + attribute(serverFirst, "r");
    const std::string authMessage = bare_ + "," + serverFirst + "," + withoutProof;
    Octets proof = hmac(storedKey, authMessage);
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] ^= clientKey[i];
    expected_ = base64Of(hmac(hmac(salted, "Server Key"), authMessage));
    return withoutProof + ",p=" + base64Of(proof);
  }

  bool isServer(const std::string& serverFinal) const { return attribute(serverFinal, "v") == expected_; }

 private:
  Octets hmac(const Octets& key, const std::string& text) const {
    Octets result(EVP_MD_get_size(md_));
    HMAC(md_, key.data(), int(key.size()), octets(text).data(), text.size(), result.data(), nullptr);
    return result;
  }

  const EVP_MD* md_;
  std::string name_;
  std::string password_;
  std::string bare_;
  std::string expected_;
};

/// Text of 1 to 24 characters, of all lengths that UTF-8 knows, with more commas and equals signs than people use.
std::string randomText(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {
      ",", "=", "=2C", "=3D", "a", "Z", "7", " ", "\"", "@", "$", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x93\xAE"};
  std::string text;
  for (std::size_t left = 1 + random() % 24; left > 0; --left) text += kPieces[random() % kPieces.size()];
  return text;
}

}  // namespace

TEST_CASE("SCRAM: whoever knows the password authenticates, by any name, and nobody else", "[sasl]") {
  const auto [name, md] = GENERATE(table<std::string, const EVP_MD*>({
      {"SCRAM-SHA-1", EVP_sha1()},
      {"SCRAM-SHA-256", EVP_sha256()},
      {"SCRAM-SHA-1-PLUS", EVP_sha1()},
      {"SCRAM-SHA-256-PLUS", EVP_sha256()},
  }));
  const ScramMechanism mechanism = *scramMechanism(name);
  const std::string binding("\0exported,octets=\xFF", 18);
  const ScramContext context{
      .plus = mechanism.plus, .plusOffered = true, .channelBindings = {{std::string(kTlsExporter), binding}}};
  std::mt19937 random(5802);
  for (int round = 0; round < 25; ++round) {
    const std::string user = randomText(random);
    const std::string password = randomText(random);
    CAPTURE(name, user, password);
    const ScramKeys keys = deriveScramKeys(mechanism.hash, password, "salt" + randomText(random), 4096);

    const auto converse = [&](Client client) {
      if (mechanism.plus) {
        client.header = "p=tls-exporter,,";
        if (client.binding.empty()) client.binding = binding;
      }
      const auto start = beginScram(client.first(), context);
      REQUIRE(start);
      CHECK(start->username() == user);
      const ScramChallenge challenge = challengeScram(*start, keys, "serverNonce");
      const auto final = finishScram(challenge, client.final(challenge.message));
      if (final) CHECK(client.isServer(final->message));
      return final ? std::string("welcome") : std::string(toString(final.error()));
    };
    CHECK(converse(Client(md, user, password)) == "welcome");
    CHECK(converse(Client(md, user, password + "x")) == "invalid-proof");
    Client elsewhere(md, user, password);  // his words are carried over from another connection
    elsewhere.binding = "another connection";
    CHECK(converse(elsewhere) == "channel-bindings-dont-match");
  }
}
