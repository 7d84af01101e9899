// crypt(3) as libxcrypt has it, crypt(5). Every form is read whole before libxcrypt sees it, so that its cost is known.
#include "crypto/crypt_hash.h"

#include <crypt.h>

#include <memory>

#include "base/cursor.h"
#include "crypto/secret.h"

namespace posthouse::crypto {
namespace {

constexpr std::string_view kDigits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool isDigit64(char c) {
  return kDigits.contains(c);
}

/// What is left is `length` digits of crypt's base 64, and no more.
void digits(Cursor& in, std::size_t length, const std::string& what) {
  if (in.takeWhile(isDigit64).size() != length || !in.atEnd())
    throw SyntaxError("a " + what + " hash of a wrong length");
}

/// Up to `most` characters and the "$" that ends them.
void salt(Cursor& in, std::size_t most, const std::string& what) {
  const auto characters = in.takeWhile([](char c) { return c > ' ' && c < 127 && c != '$' && c != ':'; });
  if (characters.size() > most || !in.take("$")) throw SyntaxError("a " + what + " salt of a wrong length");
}

/// "$2b$" cost "$" 22 digits of salt and 31 of hash
void bcrypt(Cursor& in, const HashBounds& bounds) {
  const std::string_view cost = in.takeOctets(2);
  Cursor number(cost);
  const auto logarithm = number.number<std::uint32_t>();
  if (logarithm > bounds.bcryptCost)
    throw SyntaxError("a bcrypt cost of " + std::string(cost) + " is too dear: accepted are costs up to " +
                      std::to_string(bounds.bcryptCost));
  in.expect("$");
  digits(in, 53, "bcrypt");
}

/// "$6$" ["rounds=" number "$"] salt "$" hash
void shaCrypt(Cursor& in, std::size_t length, const HashBounds& bounds) {
  if (in.take("rounds=")) {
    const auto rounds = in.number<std::uint32_t>();
    if (rounds > bounds.rounds)
      throw SyntaxError("SHA-CRYPT of " + std::to_string(rounds) + " rounds is too dear: accepted are up to " +
                        std::to_string(bounds.rounds));
    in.expect("$");
  }
  salt(in, 16, "SHA-CRYPT");
  digits(in, length, "SHA-CRYPT");
}

/// A number below 48 as yescrypt writes it: one digit.
std::uint32_t smallNumber(Cursor& in) {
  const std::size_t number = kDigits.find(in.takeOctets(1));
  if (number >= 48) throw SyntaxError("yescrypt with parameters that crypt(3) does not choose");
  return static_cast<std::uint32_t>(number);
}

/// "$y$j" N r "$" salt "$" hash: the only flavour that crypt_gensalt chooses, with the logarithm of N less 1, and r
/// less 1. It takes 128 N r octets.
void yescrypt(Cursor& in, const HashBounds& bounds) {
  if (smallNumber(in) != kDigits.find('j')) throw SyntaxError("yescrypt of another flavour than crypt(3)'s");
  const std::uint32_t logarithm = smallNumber(in) + 1;
  const std::uint64_t blocks = smallNumber(in) + 1;
  if (blocks << logarithm > bounds.memory / 128)
    throw SyntaxError("yescrypt of more than " + std::to_string(bounds.memory >> 20) + " MiB is too dear");
  if (!in.take("$")) throw SyntaxError("yescrypt with parameters that crypt(3) does not choose");
  salt(in, 86, "yescrypt");
  digits(in, 43, "yescrypt");
}

}  // namespace

CryptHash readCrypt(std::string_view text, const HashBounds& bounds) {
  Cursor in(text);
  const auto begins = [&](std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    in.takeOctets(prefix.size());
    return true;
  };
  if (begins("$2a$") || begins("$2b$") || begins("$2y$")) {
    bcrypt(in, bounds);
  } else if (begins("$6$")) {
    shaCrypt(in, 86, bounds);
  } else if (begins("$5$")) {
    shaCrypt(in, 43, bounds);
  } else if (begins("$y$")) {
    yescrypt(in, bounds);
  } else if (begins("$1$")) {
    // Weak, and on many servers still: worth the one login after which it is argon2id.
    salt(in, 8, "MD5-CRYPT");
    digits(in, 22, "MD5-CRYPT");
  } else {
    throw SyntaxError("of crypt(3), bcrypt, SHA512-CRYPT, SHA256-CRYPT, yescrypt and MD5-CRYPT are accepted, not this");
  }
  return {std::string(text)};
}

bool matches(const CryptHash& hash, std::string_view password) {
  if (password.contains('\0')) return false;
  const auto work = std::make_unique<crypt_data>();
  std::string phrase(password);
  const std::string made = crypt_r(phrase.c_str(), hash.text.c_str(), work.get());
  wipe(phrase);
  return equalInConstantTime(made, hash.text);
}

}  // namespace posthouse::crypto
