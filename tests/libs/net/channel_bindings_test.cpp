#include <catch2/catch.hpp>

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
