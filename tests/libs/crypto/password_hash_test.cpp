#include "crypto/password_hash.h"

#include <catch2/catch.hpp>
#include <string>

#include "crypto/password.h"

using namespace posthouse::crypto;

namespace {

// Each of "secret", by the command before it.
const std::string kHashes[] = {
    // doveadm pw -s SCHEME -p secret (Dovecot 2.3.19)
    "{BLF-CRYPT}$2y$05$eJiXkCDgZsfLjZ/gg.mXouEXxegopX2osh8rPizSHfMKK/hbdBDsG",
    "{SHA512-CRYPT}$6$r2JcdWfpm2AWpA6g$yNwCqxDDAZStuFZ0YtGx3Q9gsz50K3ezMZb.JIxOtt.9PvSkcMJaI1dPdjF3Ucr9iIGib9AUHopGVxW4"
    "alf0W.",
    "{SHA256-CRYPT}$5$lkyaxmAe.U8DKd2s$S70TXL2kp3VuZnhXEWTUgzLEJTfyS.YvYtmOPRtxf.7",
    "{MD5-CRYPT}$1$zfKhcLZ9$SryQ6js7eFzNTyuJOWD9L1",
    "{MD5}$1$BSdiI68p$Lp9.SpMOyMEIH0vi3qB5w/",
    "{CRYPT}$2y$05$ILDwqDaPuSUYuOtqzU/kkuMk2UEi4WeWIS7mf4Cr8OqXBf/soPJkm",
    "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$vDDP1BRnZS2OOMU8cCpRWw$TFDqwgo248itqIyj7SdYuNIhanwSPcCXmPt1oGCf5Cc",
    "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$Wwwip8ad/Eln8xsAdlawhA$mnRMAfrdCuiXBJ8Il2fwtGBWW5ABH6iVw1y4ZaOQ0o4",
    "{SSHA}LxGFiD0RgQN4wqBgb3I4SJZKsc+rBXgB",
    "{SSHA256}rmQIvk9hnUR7sSDElh6ZiyiT0jhJEsRLwSD4mqh7I9RQOrQB",
    "{SSHA512}HAsxnNYjky+WsRCun48R34EjJhlM1/oN+CD9rFtTWBNcKbcwPNg4Hw7Mci1H4hLVtIXy3o+2+r5AKRNDqCz7NevDzck=",
    "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
    "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
    "{SHA512}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayrW/isg==",
    "{PBKDF2}$1$jRAUcPJAouqhPQBa$5000$e807a35818b99b853519748e13a8ec06599ce72d",
    // doveadm pw -s SCHEME.hex and SCHEME.b64 -p secret
    "{SSHA.HEX}4af7c06e318ae1b39a3892a314d6d0fe4c85a13c9fd88ccd",
    "{SSHA256.HEX}632f2028228a7203b5c16dfd225c79474f15c66da0e5d824ec23f2277cbd47f5685c3a10",
    "{SHA.HEX}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4",
    "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4",  // the same; doveadm pw -t takes it without .HEX, too
    "{SHA512.B64}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayrW/isg==",
    "{SHA512-CRYPT.B64}JDYkb1BJVUdyckhiTUVOaFo2UCRDeE1tZjlyR1lpaFpUWjBoZ3ZSMXJFWlhUUTI5emxNL2dYMGlWczVib0NOOHpCZWthQ0p"
    "kQVczb2NtbEtUNW0uVXZQaTE2WTcwc2lHUFlqOERxeEdzLg==",
    // mkpasswd -m METHOD secret (whois 5.5); yescrypt with -R 1 the second time
    "$y$j9T$vOx8N6g6/LYOwCbjwsLVS0$lTQiYxYC7DE1UOrTd4oMj/r/1x7uoMUtd1Tc6dV0BTA",
    "$y$j75$nTWo55NdZOwOLr73OTrXp1$SSK58cZSEiLbmUbnCYSutF8XtHVYrJ8OTgnfRpIrfY5",
    "$2b$05$RkoOV8ZgBAOT2PmKO39qZ.e9nrIArpVdz.cAqOkcOC.fivjYHN3Ca",
    "$2a$05$44mReMnYuTl.emB0iFVutO/ON8G2A47EKikVj1Kir9EArTpNaNZUW",
    "$6$rounds=1000$aCM0aXNxz1wM0oIT$ViwJ2cXNtEASee6FAUJd5URn88eljtnoZvgpDjmzcdSqPjis7w4CR0N0N1d9If874UwLx/euSsoK0ShWM"
    "T4f1/",
    // htpasswd -nbB -C 5 u secret (Apache 2.4)
    "$2y$05$HpNc5L1QV2X8oiVGmHMyQeeCT/zhzXrJLodRRt8drYjwpYHUqic.S",
    // openssl passwd -6 (-5, -1) -salt saltsalt secret
    "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
    "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA",
    "$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
    // printf secret | argon2 somesalt -id -t 2 -m 10 -p 4 -e; with -i -t 3 -p 1; with -id -t 1 -p 1 -l 24
    "$argon2id$v=19$m=1024,t=2,p=4$c29tZXNhbHQ$Y1M7UDnN8eoWgchg0DAX6T36ITyWmtp9NGNrQQfS7eo",
    "$argon2i$v=19$m=1024,t=3,p=1$c29tZXNhbHQ$/95n2IV78s4XlQVYR3nujzWcpfBLddQFa2Zw+cfVmfk",
    "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$yj1CWgtqge0XMOdzH+zDo39tbFoIuG4w",
    // python3 -c "from passlib.hash import pbkdf2_sha1 as h; print(h.using(rounds=1000).hash('secret'))"
    // (passlib 1.7.4),
    // then pbkdf2_sha256, pbkdf2_sha512, django_pbkdf2_sha256, django_pbkdf2_sha1, ldap_salted_sha1
    "$pbkdf2$1000$7Z3TWkuptbaWMiYkhDDGWA$xTTgOEfXMcr6FzTV/CJH.Ke2WK0",
    "$pbkdf2-sha256$1000$QwghhDAmBGAsRchZS4kxBg$526EM7ZSMjGXs0gSb602KIgJ1PluRtqERvQZewqkclw",
    "$pbkdf2-sha512$1000$yTnnfO8dwziHcO4dI4SwFg$bZpWXeWKpW1aRr/J3FSVPGHSiKLYQXwyxu1OODwXy8G/ixZYaSLJ5D2BL7J3y656icfg3Z7"
    "uSCKzpguI3njevQ",
    "pbkdf2_sha256$1000$39aT08fYu0Gh$hSE/SSCY6VrXicVaC3yvpRdn8duIU8hCGZpaiahCHsw=",
    "pbkdf2_sha1$1000$sOYaHRFzePBH$Mg0hkMG3hLcDktqH6r3nhp4pQ6Y=",
    "{SSHA}uJqKoyzlf8t+/xbYE6OqZqdJKikJYWzt",
};

/// Every case of `text` with one character another one.
std::string changedAt(std::string text, std::size_t place) {
  text[place] = text[place] == 'x' ? 'y' : 'x';
  return text;
}

}  // namespace

TEST_CASE("hashes of other servers match the password that they were made of, and no other", "[crypto]") {
  for (const std::string& hash : kHashes) {
    CAPTURE(hash);
    CHECK(readPasswordHash(hash));
    CHECK(verifyPassword("secret", hash));
    CHECK_FALSE(verifyPassword("Secret", hash));
    CHECK_FALSE(verifyPassword("", hash));
    CHECK_FALSE(verifyPassword(std::string("secret\0", 7), hash));
    CHECK_FALSE(verifyPassword("secret" + std::string(1000, 'x'), hash));
    CHECK(needsRehash(hash, {}));
  }
}

TEST_CASE("a scheme's name and its encoding are read in either case", "[crypto]") {
  CHECK(verifyPassword("secret", "{sha}5en6G6MezRroT3XKqkdPOmY/BfQ="));
  CHECK(verifyPassword("secret", "{ssha.Hex}4af7c06e318ae1b39a3892a314d6d0fe4c85a13c9fd88ccd"));
}

TEST_CASE("a hash that was cut short or lengthened matches nothing", "[crypto]") {
  for (const std::string& hash : kHashes) {
    if (hash.contains("argon2") && hash.contains("{")) continue;  // dear, and below without the scheme
    CAPTURE(hash);
    CHECK_FALSE(verifyPassword("secret", hash.substr(0, hash.size() - 2)));
    CHECK_FALSE(verifyPassword("secret", hash.substr(0, hash.size() / 2)));
    CHECK_FALSE(verifyPassword("secret", hash + "a"));
    CHECK_FALSE(verifyPassword("secret", hash + std::string("\0", 1)));
    CHECK_FALSE(verifyPassword("secret", changedAt(hash, hash.size() - 5)));
    CHECK_FALSE(verifyPassword("secret", " " + hash));
  }
}

TEST_CASE("a password that was kept as it is is read, and is nothing to log in with", "[crypto]") {
  // The second: doveadm pw -s PLAIN.b64 -p secret
  for (const char* stored : {"{PLAIN}secret", "{PLAIN.B64}c2VjcmV0", "{CLEARTEXT}secret", "{clear}secret"}) {
    CAPTURE(stored);
    const auto hash = readPasswordHash(stored);
    REQUIRE(hash);
    CHECK(std::get<Cleartext>(*hash).password == "secret");
    CHECK_FALSE(verifyPassword("secret", stored));
  }
}

TEST_CASE("what is dear beyond the bounds is refused with the bound, and matches nothing at no cost", "[crypto]") {
  const std::string digits(53, 'a');
  const auto [stored, reason] = GENERATE_COPY(table<std::string, std::string>({
      {"$2b$31$" + digits, "up to 14"},
      {"{BLF-CRYPT}$2y$15$" + digits, "up to 14"},
      {"$6$rounds=999999999$salt$" + std::string(86, 'a'), "up to 5000000"},
      {"$5$rounds=5000001$salt$" + std::string(43, 'a'), "up to 5000000"},
      {"$y$jGT$salt$" + std::string(43, 'a'), "1024 MiB"},
      {"$pbkdf2-sha256$2147483648$c2FsdA$526EM7ZSMjGXs0gSb602KIgJ1PluRtqERvQZewqkclw", "5000000"},
      {"{PBKDF2}$1$salt$4294967295$e807a35818b99b853519748e13a8ec06599ce72d", "5000000"},
      {"pbkdf2_sha1$2147483648$salt$Mg0hkMG3hLcDktqH6r3nhp4pQ6Y=", "5000000"},
      {"$argon2id$v=19$m=10485760,t=1,p=1$c29tZXNhbHQ$Y1M7UDnN8eoWgchg0DAX6T36ITyWmtp9NGNrQQfS7eo", "1024 MiB"},
      {"$argon2id$v=19$m=1048576,t=5,p=1$c29tZXNhbHQ$Y1M7UDnN8eoWgchg0DAX6T36ITyWmtp9NGNrQQfS7eo", "4096 MiB"},
      {"$argon2id$v=19$m=1024,t=4000000000,p=1$c29tZXNhbHQ$Y1M7UDnN8eoWgchg0DAX6T36ITyWmtp9NGNrQQfS7eo", "4096 MiB"},
      {"$argon2id$v=19$m=1024,t=1,p=17$c29tZXNhbHQ$Y1M7UDnN8eoWgchg0DAX6T36ITyWmtp9NGNrQQfS7eo", "16 lanes"},
  }));
  CAPTURE(stored);
  const auto hash = readPasswordHash(stored);
  REQUIRE_FALSE(hash);
  CHECK_THAT(hash.error(), Catch::Contains(reason));
  CHECK_FALSE(verifyPassword("secret", stored));
}

TEST_CASE("what is no hash that is known is refused with a reason that does not quote it", "[crypto]") {
  // The first: mkpasswd -m descrypt secret; then doveadm pw -s CRAM-MD5, DES-CRYPT, SMD5 and LDAP-MD5 -p secret; then
  // printf secret | argon2 somesalt -d (-id) -t 1 -m 10 -p 1 -l 24 -e (-v 10)
  const std::string stored = GENERATE(
      "sJV2Khbwk7JUs", "{CRAM-MD5}cd3ba7deaad6e5ca23448ba42e379747a9e0f7f1fbc00c8a81bbaac395731b56",
      "{DES-CRYPT}rwDK9ZB1w2oeA", "{SMD5}szkXRmUjQqFZaOvKQyPK1wUKUeI=", "{LDAP-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
      "$argon2d$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$2L81CDPV6jOXjehiB+BtXq5r5CHjD6Iw",
      "$argon2id$v=16$m=1024,t=1,p=1$c29tZXNhbHQ$EWkAAVhLLccWZqsynUxhuBMsrvWdeavDYHHqOoTgfN0", "", "!", "*", "secret",
      "$", "{", "{}", "{SHA", "{SHA}", "{SSHA}c2hvcnQ=", "{SHA.oct}5en6", "{CRYPT}", "{CRYPT}rwDK9ZB1w2oeA", "{PBKDF2}",
      "$2x$05$44mReMnYuTl.emB0iFVutO/ON8G2A47EKikVj1Kir9EArTpNaNZUW", "$2b$", "$2b$05", "$2b$xx$", "$6$", "$6$salt$",
      "$y$", "$y$j", "$y$j9T$", "$y$.7.$salt$", "$7$CU..../....abcdefgh$XWs9HxtpA2.6U5CDBBbcW.h3o9pYlC.MIIb8JqMgZx6",
      "$pbkdf2-sha256$", "$pbkdf2-sha256$0$c2FsdA$526EM7ZSMjGXs0gSb602KIgJ1PluRtqERvQZewqkclw",
      "$pbkdf2-md5$1$c2FsdA$5", "$pbkdf2-sha256$1000$c2FsdA$5", "$pbkdf2$$$", "$argon2id$v=19$m=0,t=1,p=1$c29tZXNhbHQ$",
      "$argon2id$v=19$m=1024,t=0,p=1$c29tZXNhbHQ$");
  CAPTURE(stored);
  const auto hash = readPasswordHash(stored);
  REQUIRE_FALSE(hash);
  CHECK_FALSE(hash.error().empty());
  if (stored.size() > 12) CHECK_THAT(hash.error(), !Catch::Contains(stored.substr(stored.size() - 8)));
  CHECK_FALSE(verifyPassword("secret", stored));
  CHECK_FALSE(verifyPassword("", stored));
  CHECK(needsRehash(stored, {}));
}

TEST_CASE("a hash of the length of a novel is not looked at", "[crypto]") {
  CHECK_FALSE(readPasswordHash("{SSHA}" + std::string(100'000, 'A')));
}
