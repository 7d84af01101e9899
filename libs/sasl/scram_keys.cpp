// The keys of SCRAM, RFC 5802 §3; those that are not there, §9.
#include "sasl/scram_keys.h"

#include "base/base64.h"
#include "base/cursor.h"
#include "crypto/secret.h"
#include "sasl/gs2.h"

namespace posthouse::sasl {
namespace {

constexpr std::string_view kSha256 = "SCRAM-SHA-256";
constexpr std::string_view kSha1 = "SCRAM-SHA-1";

crypto::Hash hashName(Cursor& in) {
  if (takeExactly(in, kSha256)) return crypto::Hash::sha256;
  if (takeExactly(in, kSha1)) return crypto::Hash::sha1;
  throw SyntaxError("not the keys of a SCRAM mechanism");
}

/// As toString writes it: without a sign, and without a 0 in front.
std::uint32_t iterationCount(Cursor& in) {
  if (in.peek() == '0') throw SyntaxError("the iterations begin with 0");
  const auto iterations = in.number<std::uint32_t>();
  if (iterations < ScramKeys::kMinIterations || iterations > ScramKeys::kMaxIterations)
    throw SyntaxError("the iterations are too few or too many");
  return iterations;
}

/// Octets in base 64, up to the next delimiter.
std::string octets(Cursor& in, std::size_t least, std::size_t most) {
  const auto decoded = base64::decode(in.takeWhile([](char c) { return c != '$' && c != ':'; }));
  if (!decoded) throw SyntaxError("a salt or a key is not base 64");
  if (decoded->size() < least || decoded->size() > most) throw SyntaxError("a salt or a key is too short or too long");
  return *decoded;
}

ScramKeys scramKeys(Cursor& in) {
  ScramKeys keys;
  keys.hash = hashName(in);
  const std::size_t size = crypto::digestSize(keys.hash);
  expectExactly(in, "$");
  keys.iterations = iterationCount(in);
  expectExactly(in, ":");
  keys.salt = octets(in, ScramKeys::kMinSalt, ScramKeys::kMaxSalt);
  expectExactly(in, "$");
  keys.storedKey = octets(in, size, size);
  expectExactly(in, ":");
  keys.serverKey = octets(in, size, size);
  if (!in.atEnd()) throw SyntaxError("there is text after the keys");
  return keys;
}

}  // namespace

ScramKeys deriveScramKeys(crypto::Hash hash, std::string_view preparedPassword, std::string_view salt,
                          std::uint32_t iterations) {
  // SaltedPassword := Hi(Normalize(password), salt, i), and Hi() is PBKDF2 with an output as long as the hash's.
  std::string saltedPassword = crypto::pbkdf2(hash, preparedPassword, salt, iterations, crypto::digestSize(hash));
  std::string clientKey = crypto::hmac(hash, saltedPassword, "Client Key");
  ScramKeys keys{.hash = hash,
                 .salt = std::string(salt),
                 .iterations = iterations,
                 .storedKey = crypto::digest(hash, clientKey),
                 .serverKey = crypto::hmac(hash, saltedPassword, "Server Key")};
  crypto::wipe(saltedPassword);
  crypto::wipe(clientKey);
  return keys;
}

ScramKeys fakeScramKeys(crypto::Hash hash, std::string_view serverSecret, std::string_view name,
                        std::uint32_t iterations, std::size_t saltSize) {
  const auto made = [&](std::string_view purpose) {
    std::string input(hash == crypto::Hash::sha1 ? kSha1 : kSha256);
    input.append(1, '\0').append(purpose).append(1, '\0').append(name);
    return crypto::hmac(crypto::Hash::sha256, serverSecret, input);
  };
  ScramKeys keys;
  keys.hash = hash;
  keys.iterations = iterations;
  // A salt that is longer than one HMAC is made of more of them.
  for (char block = '1'; keys.salt.size() < saltSize; ++block) keys.salt += made(std::string("salt ") + block);
  keys.salt.resize(saltSize);
  keys.storedKey = made("StoredKey").substr(0, crypto::digestSize(hash));
  keys.serverKey = made("ServerKey").substr(0, crypto::digestSize(hash));
  return keys;
}

std::string toString(const ScramKeys& keys) {
  std::string text(keys.hash == crypto::Hash::sha1 ? kSha1 : kSha256);
  text += "$" + std::to_string(keys.iterations) + ":" + base64::encode(keys.salt);
  text += "$" + base64::encode(keys.storedKey) + ":" + base64::encode(keys.serverKey);
  return text;
}

std::expected<ScramKeys, std::string> parseScramKeys(std::string_view text) try {
  Cursor in(text);
  return scramKeys(in);
} catch (const SyntaxError& error) {
  return std::unexpected(error.what());
}

}  // namespace posthouse::sasl
