#include "crypto/hash.h"

#include <catch2/catch.hpp>

#include "crypto/digest.h"
#include "crypto/hash.h"

using namespace posthouse::crypto;

TEST_CASE("SHA-1 gives the digests of RFC 3174", "[crypto]") {
  CHECK(hex(digest(Hash::sha1, "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(digest(Hash::sha1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK(hex(digest(Hash::sha1, "")) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST_CASE("a hash named at run time is the one of the same name", "[crypto]") {
  CHECK(digest(Hash::sha256, "abc") == sha256("abc").view());
  CHECK(hmac(Hash::sha256, "key", "octets") == hmacSha256("key", "octets").view());
}

TEST_CASE("HMAC-SHA-1 and HMAC-MD5 give the values of RFC 2202", "[crypto]") {
  CHECK(hex(hmac(Hash::sha1, std::string(20, '\x0b'), "Hi There")) == "b617318655057264e28bc0b6fb378c8ef146be00");
  CHECK(hex(hmac(Hash::sha1, "Jefe", "what do ya want for nothing?")) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(hex(hmac(Hash::sha1, std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "aa4ae5e15272d00e95705637ce8a3b55ed402112");
  CHECK(hex(hmac(Hash::md5, std::string(16, '\x0b'), "Hi There")) == "9294727a3638bb1c13f48ef8158bfc9d");
  CHECK(hex(hmac(Hash::md5, "Jefe", "what do ya want for nothing?")) == "750c783e6ab0b503eaa86e310a5db738");
  CHECK(hex(hmac(Hash::md5, std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
}

TEST_CASE("a key of HMAC may be empty", "[crypto]") {
  hmac(Hash::sha1, "another", "");
  CHECK(hex(hmac(Hash::sha1, {}, {})) == "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
  hmac(Hash::md5, "another", "");
  CHECK(hex(hmac(Hash::md5, {}, {})) == "74e6f7298a9c2d168935f58c001bad88");
}

TEST_CASE("MD5 gives the digests of RFC 1321", "[crypto]") {
  CHECK(hex(digest(Hash::md5, "")) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(hex(digest(Hash::md5, "abc")) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(hex(digest(Hash::md5, "message digest")) == "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST_CASE("PBKDF2 gives the keys of RFC 6070 and RFC 7914", "[crypto]") {
  CHECK(hex(pbkdf2(Hash::sha1, "password", "salt", 1, 20)) == "0c60c80f961f0e71f3a9b524af6012062fe037a6");
  CHECK(hex(pbkdf2(Hash::sha1, "password", "salt", 4096, 20)) == "4b007901b765489abead49d926f721d065a429c1");
  CHECK(hex(pbkdf2(Hash::sha1, "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, 25)) ==
        "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
  CHECK(hex(pbkdf2(Hash::sha1, std::string_view("pass\0word", 9), std::string_view("sa\0lt", 5), 4096, 16)) ==
        "56fa6aa75548099dcc37d7f03425e0c3");
  CHECK(hex(pbkdf2(Hash::sha256, "passwd", "salt", 1, 64)) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST_CASE("PBKDF2 takes an empty password and an empty salt", "[crypto]") {
  CHECK(pbkdf2(Hash::sha1, {}, {}, 1, 20).size() == 20);
  CHECK(pbkdf2(Hash::sha1, {}, "salt", 1, 20) != pbkdf2(Hash::sha1, {}, {}, 1, 20));
}
