// Stored passwords of this server and of others: which family they are of. Dovecot's schemes:
// doc.dovecot.org/2.3/configuration_manual/authentication/password_schemes.
#include "crypto/password_hash.h"

#include <algorithm>
#include <optional>

#include "base/base64.h"
#include "base/cursor.h"
#include "crypto/digest.h"

namespace posthouse::crypto {
namespace {

constexpr std::size_t kMaxStored = 2048;  // octets; the longest that any server makes are below 300

enum class Encoding { none, base64, hex };

/// By how it begins.
PasswordHash bare(std::string_view text, const HashBounds& bounds) {
  if (text.starts_with("$argon2")) return readArgon2(text, bounds);
  if (text.starts_with("$pbkdf2") || text.starts_with("pbkdf2_")) return readPbkdf2(text, bounds);
  if (text.starts_with("$")) return readCrypt(text, bounds);
  throw SyntaxError("it begins neither with $ nor with {SCHEME}");
}

PasswordHash crypt(std::string_view value, const HashBounds& bounds) {
  return readCrypt(value, bounds);
}
PasswordHash argon2(std::string_view value, const HashBounds& bounds) {
  return readArgon2(value, bounds);
}
PasswordHash pbkdf2(std::string_view value, const HashBounds& bounds) {
  return readDovecotPbkdf2(value, bounds);
}
template <Hash function>
PasswordHash salted(std::string_view value, const HashBounds&) {
  return readDigest(function, value);
}
template <Hash function>
PasswordHash unsalted(std::string_view value, const HashBounds&) {
  return readUnsaltedDigest(function, value);
}
PasswordHash cleartext(std::string_view value, const HashBounds&) {
  return Cleartext{std::string(value)};
}

struct Scheme {
  std::string_view name;
  Encoding encoding;  // unless ".b64" or ".hex" says another
  PasswordHash (*read)(std::string_view value, const HashBounds& bounds);
  std::size_t octets = 0;  // if it is always as long: then as many pairs of hexadecimal digits need no ".hex"
};

constexpr Scheme kSchemes[] = {
    {"ARGON2ID", Encoding::none, argon2},
    {"ARGON2I", Encoding::none, argon2},
    {"BLF-CRYPT", Encoding::none, crypt},
    {"SHA512-CRYPT", Encoding::none, crypt},
    {"SHA256-CRYPT", Encoding::none, crypt},
    {"MD5-CRYPT", Encoding::none, crypt},
    {"MD5", Encoding::none, crypt},  // Dovecot's older name for the one before
    {"CRYPT", Encoding::none, crypt},
    {"PBKDF2", Encoding::none, pbkdf2},
    {"SSHA", Encoding::base64, salted<Hash::sha1>},
    {"SSHA256", Encoding::base64, salted<Hash::sha256>},
    {"SSHA512", Encoding::base64, salted<Hash::sha512>},
    {"SHA", Encoding::base64, unsalted<Hash::sha1>, 20},
    {"SHA1", Encoding::base64, unsalted<Hash::sha1>, 20},
    {"SHA256", Encoding::base64, unsalted<Hash::sha256>, 32},
    {"SHA512", Encoding::base64, unsalted<Hash::sha512>, 64},
    {"PLAIN", Encoding::none, cleartext},
    {"CLEAR", Encoding::none, cleartext},
    {"CLEARTEXT", Encoding::none, cleartext},
};

std::string decoded(std::string_view value, Encoding encoding) {
  if (encoding == Encoding::none) return std::string(value);
  std::optional<std::string> octets = encoding == Encoding::hex ? unhex(value) : base64::decode(value);
  if (!octets) throw SyntaxError(encoding == Encoding::hex ? "it is not hexadecimal" : "it is not base 64");
  return std::move(*octets);
}

/// "{" name ["." encoding] "}" value
PasswordHash schemed(std::string_view text, const HashBounds& bounds) {
  Cursor in(text);
  in.expect("{");
  const std::string_view name = in.takeWhile([](char c) { return ascii::isAlnum(c) || c == '-' || c == '_'; });
  const auto scheme =
      std::ranges::find_if(kSchemes, [&](const Scheme& known) { return ascii::equalsIgnoringCase(known.name, name); });
  if (scheme == std::end(kSchemes)) throw SyntaxError("{" + std::string(name) + "} is not a scheme that is accepted");
  std::optional<Encoding> encoding;
  if (in.take(".b64") || in.take(".base64")) {
    encoding = Encoding::base64;
  } else if (in.take(".hex")) {
    encoding = Encoding::hex;
  }
  in.expect("}");
  const std::string_view value = in.rest();
  if (!encoding)
    encoding = scheme->octets != 0 && value.size() == 2 * scheme->octets ? Encoding::hex : scheme->encoding;
  return scheme->read(decoded(value, *encoding), bounds);
}

bool matches(const Cleartext&, std::string_view) {
  return false;
}

}  // namespace

std::expected<PasswordHash, std::string> readPasswordHash(std::string_view stored, const HashBounds& bounds) try {
  if (stored.size() > kMaxStored) throw SyntaxError("it is longer than " + std::to_string(kMaxStored) + " octets");
  return stored.starts_with('{') ? schemed(stored, bounds) : bare(stored, bounds);
} catch (const SyntaxError& error) {
  return std::unexpected(error.what());
}

bool matches(const PasswordHash& hash, std::string_view password) {
  return std::visit([&](const auto& family) { return matches(family, password); }, hash);
}

}  // namespace posthouse::crypto
