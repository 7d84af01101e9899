#include <openssl/ssl.h>

#include <catch2/catch.hpp>

#include "net/connect.h"

#include "support/self_signed.h"
#include "support/tls_server.h"

using namespace posthouse;
using namespace posthouse::net;
using namespace std::chrono_literals;
using test::OpensslClient;
using test::SelfSigned;

namespace {

/// Keys whose time goes as the test says.
struct Keys {
  std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
  std::shared_ptr<TicketKeys> keys = std::make_shared<TicketKeys>([this] { return now; });
};

TlsContext context(const std::vector<const SelfSigned*>& files, std::shared_ptr<TicketKeys> keys) {
  std::vector<TlsCertificate> certificates;
  for (const SelfSigned* each : files) certificates.push_back(TlsCertificate::load(each->certificate, each->key));
  return TlsContext::server(certificates, {.tickets = std::move(keys)});
}

/// As a client of our own, which leaves without a farewell.
Task<> visit(Loop& loop, Address server, const TlsContext& context, std::string host) {
  const auto stream = TlsStream::client(co_await connect(loop, std::move(server), 5s), context, host);
  co_await stream->handshake(5s);
  std::string heard;
  co_await stream->read(heard, 5s);
}

}  // namespace

TEST_CASE("a client of our own resumes its session at a host where it has been", "[net]") {
  Loop loop;
  const SelfSigned files;
  const bool onlyTls12 = GENERATE(true, false);
  const TlsContext context = TlsContext::server(files.certificate, files.key);
  if (onlyTls12) SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  std::string seen;
  const TlsContext client = TlsContext::client(TlsContext::Verify::serverName, files.certificate,
                                               [&](const TlsHandshake& ended) { seen += ended.isResumed ? "R" : "f"; });
  test::TlsServer server(loop, context);
  for (int i = 0; i < 3; ++i) loop.runUntilDone(visit(loop, server.address(), client, "mail.test"));
  CHECK(seen == "fRR");
  CHECK_THROWS_AS(loop.runUntilDone(visit(loop, server.address(), client, "other.test")), TlsError);
  server.use(TlsContext::server(files.certificate, files.key));  // knows nothing of the session
  loop.runUntilDone(visit(loop, server.address(), client, "mail.test"));
  CHECK(seen == "fRRff");
}

TEST_CASE("a client that comes back resumes its session, also when the certificate was renewed meanwhile", "[net]") {
  Loop loop;
  const bool onlyTls12 = GENERATE(true, false);
  const std::string name = GENERATE("mail.test", "second.test", "");
  CAPTURE(onlyTls12, name);
  const SelfSigned first;
  const SelfSigned second("second.test");
  Keys keys;
  test::TlsServer server(loop, context({&first, &second}, keys.keys));
  OpensslClient::Options options{.serverName = name, .onlyTls12 = onlyTls12};
  const auto full = server.visit(options);
  CHECK(full.version == (onlyTls12 ? "TLSv1.2" : "TLSv1.3"));
  CHECK_FALSE(full.isResumed);
  options.resume = full.session;
  const auto resumed = server.visit(options);
  CHECK(resumed.isResumed);
  CHECK(resumed.heard == "hello");

  first.make("mail.test");
  second.make("second.test");
  server.use(context({&first, &second}, keys.keys));
  options.resume = resumed.session;
  CHECK(server.visit(options).isResumed);
}

TEST_CASE("a ticket is good where its secret is known, and nowhere else", "[net]") {
  Loop loop;
  const bool onlyTls12 = GENERATE(true, false);
  const SelfSigned files;
  Keys one;
  Keys other;
  Keys stranger;
  const std::string secret(48, 's');
  one.keys->share(secret);
  other.keys->share(secret);
  OpensslClient::Options options{.onlyTls12 = onlyTls12};
  options.resume = test::TlsServer(loop, context({&files}, one.keys)).visit(options).session;
  CHECK(test::TlsServer(loop, context({&files}, other.keys)).visit(options).isResumed);
  const auto unknown = test::TlsServer(loop, context({&files}, stranger.keys)).visit(options);
  CHECK(unknown.failure.empty());
  CHECK_FALSE(unknown.isResumed);
}

TEST_CASE("tickets are good for half a day, and a secret that was replaced for as long", "[net]") {
  Loop loop;
  const bool isShared = GENERATE(true, false);
  CAPTURE(isShared);
  const SelfSigned files;
  Keys keys;
  if (isShared) keys.keys->share(std::string(48, 'a'));
  test::TlsServer server(loop, context({&files}, keys.keys));
  const auto old = server.visit({}).session;
  keys.now += TicketKeys::kLifetime - 1min;
  CHECK(server.visit({.resume = old}).isResumed);

  const auto young = server.visit({}).session;
  keys.keys->share(std::string(48, 'b'));
  CHECK(server.visit({.resume = young}).isResumed);
  keys.keys->keepPrivate();
  CHECK_FALSE(server.visit({.resume = young}).isResumed);  // replaced twice
  keys.now += 2 * TicketKeys::kLifetime;
  CHECK_FALSE(server.visit({.resume = old}).isResumed);
  CHECK(server.visit({.resume = server.visit({}).session}).isResumed);
}
