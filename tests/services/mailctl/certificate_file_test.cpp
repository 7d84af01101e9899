#include "certificate_file.h"

#include <catch2/catch.hpp>

#include "exit_code.h"

using namespace posthouse::mailctl;

TEST_CASE("of a file with a certificate only that is taken, never a key beside it", "[mailctl]") {
  const std::string key = "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n";
  const std::string certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const std::string other = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n";
  CHECK(firstCertificate(key + "Subject: x\n" + certificate + other + key, "x.pem") == certificate);
  CHECK(firstCertificate("\x30\x82\x01", "x.der") == "\x30\x82\x01");
  for (const std::string& nothing : {key, std::string("x"), std::string(), "-----END CERTIFICATE-----" + key,
                                     "\x30" + key, std::string("-----BEGIN CERTIFICATE-----\n")}) {
    CAPTURE(nothing);
    CHECK_THROWS_WITH(firstCertificate(nothing, "x.pem"), Catch::Contains("x.pem holds no certificate"));
  }
}
