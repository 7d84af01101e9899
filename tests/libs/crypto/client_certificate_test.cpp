#include "crypto/client_certificate.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "support/client_certificates.h"

using namespace posthouse;
using namespace posthouse::crypto;
using namespace std::chrono_literals;
using test::ClientCertificates;

namespace {

std::string contentOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

ClientCertificate read(const ClientCertificates::Wish& wish) {
  ClientCertificates certificates;
  return ClientCertificate::parse(contentOf(certificates.signItself(wish).certificate)).value();
}

}  // namespace

TEST_CASE("a certificate says whose it is and for how long", "[crypto]") {
  const ClientCertificate certificate = read({.mailbox = "alice@mail.test,email:sales@mail.test,DNS:mail.test"});
  CHECK(certificate.subject == "CN=client1");
  CHECK(certificate.mailboxes == std::vector<std::string>{"alice@mail.test", "sales@mail.test"});
  using namespace std::chrono;
  CHECK(certificate.notBefore == sys_days(2020y / January / 1));
  CHECK(certificate.notAfter == sys_days(2100y / January / 1));
  CHECK(certificate.isForClients);
  CHECK(read({.to = "99991231235959Z"}).notAfter == sys_days(9999y / December / 31) + 23h + 59min + 59s);
}

TEST_CASE("of the mailboxes in a certificate only those count that its rules allow", "[crypto]") {
  const auto [names, mailboxes] = GENERATE(table<std::string, std::vector<std::string>>({
      {"otherName.1=1.3.6.1.5.5.7.8.9;FORMAT:UTF8,UTF8String:zo\u00eb@mail.test\n", {"zo\u00eb@mail.test"}},
      {"otherName.1=1.3.6.1.5.5.7.8.9;UTF8String:alice@mail.test\n", {}},  // RFC 8398 §3: that is rfc822Name's
      {"otherName.1=1.3.6.1.5.5.7.8.9;FORMAT:UTF8,UTF8String:alice@b\u00fc.test\n", {}},  // the same
      {"otherName.1=1.3.6.1.5.5.7.8.9;FORMAT:UTF8,IA5STRING:zoe@mail.test\n", {}},
      {"otherName.1=1.2.3.4;FORMAT:UTF8,UTF8String:zo\u00eb@mail.test\n", {}},
      {"email.1=alice@mail.test\nemail.2=a b@mail.test\n", {"alice@mail.test"}},
      {"DNS.1=mail.test\n", {}},
  }));
  CAPTURE(names);
  CHECK(read({.mailbox = "", .extensions = "subjectAltName=@names\n[names]\n" + names}).mailboxes == mailboxes);
}

TEST_CASE("there may be more names in a certificate than are looked at", "[crypto]") {
  std::string names = "a@mail.test";
  for (int i = 0; i < 80; ++i) names += ",email:b" + std::to_string(i) + "@mail.test";
  CHECK(read({.mailbox = names}).mailboxes.size() == ClientCertificate::kMaxMailboxes);
}

TEST_CASE("an extended key usage must allow clients, where there is one", "[crypto]") {
  const auto [usage, isForClients] = GENERATE(table<std::string, bool>({
      {"clientAuth", true},
      {"serverAuth,clientAuth", true},
      {"", true},
      {"serverAuth", false},
      {"emailProtection", false},
  }));
  CAPTURE(usage);
  CHECK(read({.usage = usage}).isForClients == isForClients);
}

TEST_CASE("PEM and DER are read, whatever stands around the PEM; anything else is none", "[crypto]") {
  ClientCertificates certificates;
  const auto pair = certificates.issue();
  const std::string pem = contentOf(pair.certificate);
  const auto certificate = ClientCertificate::parse(contentOf(pair.key) + "Subject: x\n" + pem);
  REQUIRE(certificate);
  CHECK(ClientCertificate::parse(pem) == certificate);
  for (const std::string& nothing : {std::string(), std::string("x"), contentOf(pair.key), pem.substr(0, 200)})
    CHECK_FALSE(ClientCertificate::parse(nothing));
}

TEST_CASE("a fingerprint is read as OpenSSL shows it, and as plain digits", "[crypto]") {
  Digest fingerprint;
  fingerprint.octets.fill(0xAB);
  fingerprint.octets[0] = 0x01;
  const std::string text = fingerprintText(fingerprint);
  CHECK(text.size() == 95);
  CHECK(text.starts_with("01:AB:AB:"));
  CHECK(parseFingerprint(text) == fingerprint);
  CHECK(parseFingerprint(fingerprint.hex()) == fingerprint);
  for (const std::string& wrong : {text.substr(3), text + ":", text + "00", "0:1" + text.substr(2), std::string()})
    CHECK_FALSE(parseFingerprint(wrong));
}
