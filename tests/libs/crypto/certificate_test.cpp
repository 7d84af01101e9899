#include "crypto/certificate.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "support/child_process.h"

using namespace posthouse::crypto;

TEST_CASE("a certificate is for the names that it lists", "[crypto]") {
  const Certificate certificate{"/CN=x", {"mail.example.org", "*.example.net", "127.0.0.1"}, {}, {}};
  const auto [host, isFor] = GENERATE(table<std::string, bool>({
      {"mail.example.org", true},
      {"MAIL.example.ORG", true},
      {"example.org", false},
      {"imap.example.net", true},
      {"example.net", false},
      {"a.b.example.net", false},
      {".example.net", false},
      {"127.0.0.1", true},
      {"x", false},  // the subject counts no more, RFC 6125 §6.4.4
      {"", false},
  }));
  CAPTURE(host);
  CHECK(certificate.isFor(host) == isFor);
}

TEST_CASE("a file that is no certificate is named", "[crypto]") {
  CHECK_THROWS_WITH(readCertificate("/does/not/exist.pem"), Catch::Contains("/does/not/exist.pem"));
  CHECK_THROWS_WITH(readCertificate("/dev/null"), "/dev/null holds no PEM certificate");
  CHECK_THROWS_WITH(isTrusted("/dev/null", ""), "/dev/null holds no PEM certificate");
}

namespace {

// Of a test authority of its own, until 2126.
constexpr auto kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIB0zCCAXmgAwIBAgIUSMhMF4eOz67bffRxvC0UyyFVPCAwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQbWFpbC5leGFtcGxlLm9yZzAgFw0yNjExMjIyMjA3NDdaGA8y
MTI2MTAyOTIyMDc0N1owGzEZMBcGA1UEAwwQbWFpbC5leGFtcGxlLm9yZzBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABO2LCGwbRW6vEOcEgcUhi0mNM4461e5WROrL
/VOZy8c3FU9IM9+AdEL1bRDMrg+Ck7aMt7UNi/Mj5wFLBWi09uSjgZgwgZUwHQYD
VR0OBBYEFEDahUF2D4X0fc45joHJsd9r08ufMB8GA1UdIwQYMBaAFEDahUF2D4X0
fc45joHJsd9r08ufMA8GA1UdEwEB/wQFMAMBAf8wQgYDVR0RBDswOYIQbWFpbC5l
eGFtcGxlLm9yZ4INKi5leGFtcGxlLm5ldIcEfwAAAYcQAAAAAAAAAAAAAAAAAAAA
ATAKBggqhkjOPQQDAgNIADBFAiBtTeekz8tuB3I/7/yD09SUIabSHCcr9McDJrbU
NiC8SwIhAPeF3kCePkoHJc7lCjxFynYtj9oaRD2EXPNevxQ5VH83
-----END CERTIFICATE-----
)";
constexpr auto kKey = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgb3tvJrXkx39hYcDl
IzuedzXNyTYRC1DkfiK4GGiFl7KhRANCAATtiwhsG0VurxDnBIHFIYtJjTOOOtXu
VkTqy/1TmcvHNxVPSDPfgHRC9W0QzK4PgpO2jLe1DYvzI+cBSwVotPbk
-----END PRIVATE KEY-----
)";

struct Files {
  std::string write(const std::string& name, const std::string& content) const {
    const std::string path = (folder.path() / name).string();
    std::ofstream(path) << content;
    return path;
  }
  posthouse::test::TemporaryFolder folder;
};

}  // namespace

TEST_CASE("a certificate is read with its names and dates", "[crypto]") {
  const Files files;
  const Certificate certificate = readCertificate(files.write("certificate.pem", kCertificate));
  CHECK(certificate.subject == "/CN=mail.example.org");
  CHECK(certificate.names == std::vector<std::string>{"mail.example.org", "*.example.net", "127.0.0.1", "::1"});
  CHECK(certificate.notAfter - certificate.notBefore == std::chrono::days(36'500));
}

TEST_CASE("a key belongs to its certificate, and a certificate to its authority", "[crypto]") {
  const Files files;
  const std::string certificate = files.write("certificate.pem", kCertificate);
  const std::string key = files.write("key.pem", kKey);
  CHECK(keyBelongsTo(key, certificate));
  CHECK_THROWS_WITH(keyBelongsTo(certificate, certificate), Catch::Contains("holds no PEM private key"));
  CHECK(isTrusted(certificate, certificate));
  CHECK_FALSE(isTrusted(certificate, ""));
  CHECK_FALSE(isTrusted(certificate, key));
}
