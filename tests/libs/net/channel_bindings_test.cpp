#include <catch2/catch.hpp>

#include "net/ticket_keys.h"
#include "support/self_signed.h"
#include "support/tls_server.h"

using namespace posthouse;
using namespace posthouse::net;
using test::SelfSigned;

TEST_CASE("a stranger's end of a connection has the same channel bindings", "[net]") {
  Loop loop;
  const SelfSigned files;
  test::TlsServer server(loop, TlsContext::server({TlsCertificate::load(files.certificate, files.key)}));
  const bool onlyTls12 = GENERATE(false, true);
  CAPTURE(onlyTls12);
  const auto client = server.visit({.onlyTls12 = onlyTls12});
  REQUIRE(client.failure.empty());
  CHECK(server.channelBindings ==
        ChannelBindings{{"tls-exporter", client.channelBinding}, {"tls-server-end-point", client.certificateHash}});
  const auto other = server.visit({.onlyTls12 = onlyTls12});
  CHECK(other.channelBinding != client.channelBinding);
  CHECK(server.channelBindings["tls-exporter"] == other.channelBinding);
}

TEST_CASE("who resumes a session means the certificate that he was shown", "[net]") {
  Loop loop;
  const bool onlyTls12 = GENERATE(false, true);
  CAPTURE(onlyTls12);
  const SelfSigned elliptic("mail.test", "ec");
  const SelfSigned rsa("mail.test", "rsa");
  const auto keys = std::make_shared<TicketKeys>();
  const auto showing = [&](const SelfSigned& one, const SelfSigned& other) {
    return TlsContext::server(
        {TlsCertificate::load(one.certificate, one.key), TlsCertificate::load(other.certificate, other.key)},
        {.tickets = keys});
  };
  test::TlsServer server(loop, showing(elliptic, rsa));
  const auto full = server.visit({.onlyTls12 = onlyTls12});
  REQUIRE(full.keyKind == "EC");
  test::OpensslClient::Result last = full;
  const auto resume = [&] {
    last = server.visit({.onlyTls12 = onlyTls12, .resume = last.session});
    CHECK(last.isResumed);
    CHECK(server.channelBindings["tls-server-end-point"] == full.certificateHash);
  };
  resume();
  SECTION("the certificate was renewed meanwhile") {
    elliptic.make("mail.test");
    server.use(showing(elliptic, rsa));
    resume();
    resume();
    CHECK(server.visit({.onlyTls12 = onlyTls12}).certificateHash == server.channelBindings["tls-server-end-point"]);
    CHECK(server.channelBindings["tls-server-end-point"] != full.certificateHash);
  }
}
