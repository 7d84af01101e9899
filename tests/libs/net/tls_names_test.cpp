#include <catch2/catch.hpp>

#include "support/self_signed.h"
#include "support/tls_server.h"

using namespace posthouse;
using namespace posthouse::net;
using test::SelfSigned;

namespace {

TlsCertificate load(const SelfSigned& files) {
  return TlsCertificate::load(files.certificate, files.key);
}

}  // namespace

TEST_CASE("a client is shown the certificate of the host that it names", "[net]") {
  Loop loop;
  const SelfSigned first("first.test,mail.first.test");
  const SelfSigned wildcard("*.second.test");
  const SelfSigned exact("mail.second.test");
  test::TlsServer server(loop, TlsContext::server({load(first), load(wildcard), load(exact)}));
  const auto [name, shown] = GENERATE(table<std::string, std::string>({
      {"first.test", "first.test"},
      {"MAIL.First.test", "first.test"},
      {"imap.second.test", "*.second.test"},
      {"mail.second.test", "mail.second.test"},  // exact before a wildcard
      {"a.b.second.test", "first.test"},         // a wildcard stands for one label
      {"second.test", "first.test"},
      {"unknown.test", "first.test"},
      {"", "first.test"},
  }));
  CAPTURE(name);
  const auto result = server.visit({.serverName = name});
  CHECK(result.failure.empty());
  CHECK(result.heard == "hello");
  CHECK(result.subject == shown);
}

TEST_CASE("of several certificates for one name the client gets the one that it can check", "[net]") {
  Loop loop;
  const SelfSigned elliptic("mail.test", "ec");
  const SelfSigned rsa("mail.test,old.test", "rsa");
  test::TlsServer server(loop, TlsContext::server({load(elliptic), load(rsa)}));
  const std::string name = GENERATE("mail.test", "");
  CHECK(server.visit({.serverName = name}).keyKind == "EC");
  CHECK(server.visit({.serverName = name, .signatureAlgorithms = "RSA-PSS+SHA256"}).keyKind == "RSA");
  CHECK(server.visit({.serverName = "old.test"}).keyKind == "RSA");
}

TEST_CASE("what a server does not speak is refused and counted", "[net]") {
  Loop loop;
  const SelfSigned files;
  std::vector<TlsHandshake> seen;
  TlsServerOptions options{.onlyTls13 = true, .onHandshake = [&](const TlsHandshake& ended) { seen.push_back(ended); }};
  {
    test::TlsServer server(loop, TlsContext::server({load(files)}, options));
    CHECK(server.visit({}).version == "TLSv1.3");
    CHECK_FALSE(server.visit({.onlyTls12 = true}).failure.empty());
    options.onlyTls13 = false;
    server.use(TlsContext::server({load(files)}, options));
    CHECK(server.visit({.onlyTls12 = true}).version == "TLSv1.2");
    CHECK_FALSE(server.visit({.onlyTls12 = true, .ciphers = "AES128-SHA"}).failure.empty());  // no forward secrecy
  }
  using enum TlsHandshake::Result;
  REQUIRE(seen.size() == 4);
  CHECK(seen[0].version == "TLSv1.3");
  CHECK(seen[1].result == noShared);
  CHECK(seen[2].version == "TLSv1.2");
  CHECK(seen[3].result == noShared);
  CHECK_FALSE(seen[2].isResumed);
  options.ciphers = "NONSENSE";
  CHECK_THROWS_WITH(TlsContext::server({load(files)}, options), Catch::Contains("NONSENSE"));
}

TEST_CASE("files that are no certificate and key are named", "[net]") {
  const SelfSigned one;
  const SelfSigned other("other.test");
  const auto expect = [](const std::string& certificate, const std::string& key, const std::string& named) {
    CHECK_THROWS_WITH(TlsCertificate::load(certificate, key), Catch::Contains(named));
  };
  expect("/nonexistent/c.pem", one.key, "/nonexistent/c.pem");
  expect(one.certificate, "/nonexistent/k.pem", "/nonexistent/k.pem");
  expect(one.key, one.key, one.key);
  expect(one.certificate, one.certificate, one.certificate);
  expect(one.certificate, other.key, "does not belong");
}
