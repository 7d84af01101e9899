#include "crypto/password.h"

#include <catch2/catch.hpp>

using namespace posthouse::crypto;

namespace {
constexpr PasswordCost kCheap{.passes = 1, .memory = 8 * 1024};
}

TEST_CASE("argon2id strings of the reference implementation's tests verify", "[crypto]") {
  const auto [password, phc] = GENERATE(table<std::string, std::string>({
      {"password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
      {"password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
      {"differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"},
  }));
  CAPTURE(phc);
  CHECK(verifyPassword(password, phc));
  CHECK_FALSE(verifyPassword(password + "x", phc));
}

TEST_CASE("a hash is a PHC string with the cost that was asked for, and a salt of its own", "[crypto]") {
  const std::string one = hashPassword("secret", kCheap);
  CHECK(one.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
  CHECK(one != hashPassword("secret", kCheap));
  CHECK(verifyPassword("secret", one));
  CHECK_FALSE(verifyPassword("Secret", one));
  CHECK_FALSE(verifyPassword("", one));
}

TEST_CASE("passwords are octets: NUL, eight bits and nothing at all", "[crypto]") {
  const std::string password = GENERATE(std::string("a\0b", 3), std::string("\xff\xfe"), std::string());
  const std::string phc = hashPassword(password, kCheap);
  CHECK(verifyPassword(password, phc));
  CHECK_FALSE(verifyPassword(password + '\0', phc));
}

TEST_CASE("what is no argon2 string matches no password", "[crypto]") {
  const std::string phc = GENERATE("", "!", "secret", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$",
                                   "$argon2id$v=19$m=99999999999,t=1,p=1$c29tZXNhbHQ$nf65", "{PLAIN}secret");
  CHECK_FALSE(verifyPassword("secret", phc));
  CHECK_FALSE(verifyPassword("", phc));
  CHECK(needsRehash(phc, kCheap));
}

TEST_CASE("a hash made at another cost wants to be made again", "[crypto]") {
  const std::string phc = hashPassword("secret", kCheap);
  CHECK_FALSE(needsRehash(phc, kCheap));
  CHECK(needsRehash(phc, {.passes = 2, .memory = kCheap.memory}));
  CHECK(needsRehash(phc, {.passes = 1, .memory = 16 * 1024}));
}
