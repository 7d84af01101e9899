// Argon2 (RFC 9106) as PHC strings: github.com/P-H-C/phc-string-format. By libsodium, as Dovecot's ARGON2I and
// ARGON2ID.
#include "crypto/argon2_hash.h"

#include <sodium.h>

#include "base/cursor.h"
#include "crypto/sodium_ready.h"

namespace posthouse::crypto {
namespace {

constexpr std::uint32_t kMaxLanes = 16;

/// Base 64 without padding (RFC 4648 §3.2) of `least` to 64 octets.
void base64Octets(Cursor& in, std::size_t least, const char* what) {
  const std::size_t length =
      in.takeWhile([](char c) { return ascii::isAlnum(c) || c == '+' || c == '/'; }).size() * 3 / 4;
  if (length < least || length > 64) throw SyntaxError(std::string("an argon2 ") + what + " of a wrong length");
}

}  // namespace

/// "$argon2" ("id" / "i") "$v=19$m=" KiB ",t=" passes ",p=" lanes "$" salt "$" hash
Argon2Hash readArgon2(std::string_view text, const HashBounds& bounds) {
  if (!text.starts_with("$argon2id$") && !text.starts_with("$argon2i$"))
    throw SyntaxError("argon2 other than argon2id and argon2i is not accepted");
  Cursor in(text);
  in.takeOctets(text.find('$', 1) + 1);
  if (!in.take("v=19$")) throw SyntaxError("argon2 of another version than 19 (1.3) is not accepted");
  in.expect("m=");
  const std::uint64_t memory = std::uint64_t{1024} * in.number<std::uint32_t>();
  in.expect(",t=");
  const auto passes = in.number<std::uint32_t>();
  in.expect(",p=");
  const auto lanes = in.number<std::uint32_t>();
  if (memory == 0 || passes == 0 || lanes == 0) throw SyntaxError("an argon2 cost of 0");
  if (!bounds.admits({.passes = passes, .memory = memory}) || lanes > kMaxLanes)
    throw SyntaxError("argon2 that takes " + std::to_string(memory >> 20) + " MiB, " + std::to_string(passes) +
                      " times and in " + std::to_string(lanes) + " lanes, is too dear: accepted are " +
                      std::to_string(bounds.memory >> 20) + " MiB, " + std::to_string(bounds.argon2Octets >> 20) +
                      " MiB in all passes, and " + std::to_string(kMaxLanes) + " lanes");
  in.expect("$");
  base64Octets(in, 8, "salt");
  in.expect("$");
  base64Octets(in, 16, "hash");
  if (!in.atEnd()) throw SyntaxError("text after an argon2 hash");
  return {std::string(text)};
}

bool matches(const Argon2Hash& hash, std::string_view password) {
  sodiumReady();
  return crypto_pwhash_str_verify(hash.phc.c_str(), password.data(), password.size()) == 0;
}

}  // namespace posthouse::crypto
