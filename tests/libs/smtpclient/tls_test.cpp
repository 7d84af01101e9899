#include <catch2/catch.hpp>

#include "smtpclient/connection.h"
#include "support/self_signed.h"
#include "support/small_smtp_server.h"

using namespace posthouse;
using namespace posthouse::smtpclient;
using namespace std::chrono_literals;

namespace {

struct Secured {
  net::Loop loop;
  test::SmallSmtpServer server{loop};

  Secured() { server.extensions = "250-small\r\n250-PIPELINING\r\n250 STARTTLS\r\n"; }
  ~Secured() { loop.runUntilDone(server.close()); }

  Result send() {
    Settings settings;
    settings.heloName = "client.example";
    settings.tls = net::TlsContext::client(net::TlsContext::Verify::none);
    settings.serverName = "mail.test";
    auto opened = loop.runUntilDone(connect(loop, server.address(), settings, 10s));
    REQUIRE(opened);
    MemoryContent content("Subject: hello\r\n\r\n");
    const Envelope envelope{{"alice@client.example"}, {{"bob@server.example"}}};
    const Result result = loop.runUntilDone((*opened)->send(envelope, content, 10s));
    loop.runUntilDone((*opened)->quit());
    return result;
  }
  long count(const std::string& line) { return std::ranges::count(server.said, line); }
};

}  // namespace

TEST_CASE("a server that offers TLS gets it, whatever its certificate", "[smtpclient]") {
  const test::SelfSigned files;
  Secured test;
  test.server.tls = net::TlsContext::server(files.certificate, files.key);
  const Result result = test.send();
  CHECK(result.recipients[0].isDelivered());
  CHECK(result.tlsVersion == "TLSv1.3");
  CHECK(test.server.secured == 1);
  CHECK(test.count("EHLO client.example") == 2);  // what was announced in the clear is forgotten
}

TEST_CASE("where TLS is offered but fails, mail goes in the clear", "[smtpclient]") {
  Secured test;
  const Result result = test.send();
  CHECK(result.recipients[0].isDelivered());
  CHECK(result.tlsVersion.empty());
  CHECK(test.server.connections == 2);
}

TEST_CASE("where TLS is offered but refused, the conversation goes on", "[smtpclient]") {
  Secured test;
  test.server.replies["STAR"] = "454 4.7.0 Not now";
  CHECK(test.send().recipients[0].isDelivered());
  CHECK(test.server.connections == 1);
}

TEST_CASE("octets behind the reply to STARTTLS came in the clear and are not believed", "[smtpclient]") {
  const test::SelfSigned files;
  Secured test;
  test.server.replies["STAR"] = "220 Go on\r\n250 injected";
  test.server.tls = net::TlsContext::server(files.certificate, files.key);
  const Result result = test.send();
  CHECK(result.recipients[0].isDelivered());
  CHECK(result.tlsVersion.empty());
  CHECK(test.server.secured == 0);
}
