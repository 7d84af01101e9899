#include "crypto/digest.h"

#include <catch2/catch.hpp>

using namespace posthouse::crypto;

TEST_CASE("SHA-256 gives the digests that FIPS 180-4's examples give", "[crypto]") {
  const auto [octets, digest] = GENERATE(table<std::string, std::string>({
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  }));
  CHECK(sha256(octets).hex() == digest);
  CHECK(Sha256().update(octets).finish().hex() == digest);
}

TEST_CASE("pieces digest to what the whole digests to, and the object starts again", "[crypto]") {
  Sha256 digest;
  digest.update("a").update("").update("bc");
  CHECK(digest.finish() == sha256("abc"));
  CHECK(digest.finish() == sha256(""));
  digest.update("abc");
  Sha256 moved = std::move(digest);
  CHECK(moved.finish() == sha256("abc"));
}

TEST_CASE("HMAC-SHA-256 gives the values of RFC 4231", "[crypto]") {
  CHECK(hmacSha256(std::string(20, '\x0b'), "Hi There").hex() ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmacSha256("Jefe", "what do ya want for nothing?").hex() ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First").hex() ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("hexadecimal keeps every octet", "[crypto]") {
  CHECK(hex(std::string_view("\x00\x7f\x80\xff", 4)) == "007f80ff");
  CHECK(hex("") == "");
}

TEST_CASE("hexadecimal digits spell octets, or nothing", "[crypto]") {
  CHECK(unhex("00fFa1") == std::string("\x00\xff\xa1", 3));
  CHECK(unhex("") == "");
  CHECK_FALSE(unhex("abc"));
  CHECK_FALSE(unhex("0g"));
  CHECK_FALSE(unhex("-1"));
}
