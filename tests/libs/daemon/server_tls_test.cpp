#include "daemon/server_tls.h"

#include <prometheus/text_serializer.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "async/task_group.h"
#include "support/quiet_sink.h"
#include "support/self_signed.h"
#include "support/tls_server.h"

using namespace posthouse;
using namespace std::chrono_literals;
using test::SelfSigned;

namespace {

struct Stage {
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "smtpd", "test"};

  static config::Configuration parse(const std::string& text) {
    return config::Configuration::parse(text, "p.toml", nullptr, {});
  }
  std::string metrics() { return prometheus::TextSerializer().Serialize(registry.Collect()); }
};

std::string pair(const SelfSigned& files) {
  return "certificate = \"" + files.certificate + "\"\nkey = \"" + files.key + "\"\n";
}

}  // namespace

TEST_CASE("what is wrong with a certificate is an error of the configuration, with its place", "[daemon]") {
  Stage stage;
  const SelfSigned good;
  const SelfSigned other("other.test");
  const auto expect = [&](const std::string& text, const std::string& error) {
    prometheus::Registry registry;
    auto configuration = Stage::parse(text);
    const daemon::ServerTls tls(configuration, registry);
    CHECK_THROWS_WITH(configuration.check(), Catch::Contains(error));
  };
  const std::string first = "[tls]\n" + pair(good);
  expect("[tls]\ncertificate = \"/nonexistent\"\nkey = \"/x\"\n", "p.toml:2:15: error: tls.certificate: cannot read");
  expect("[tls]\n" + pair(good) + "min_version = \"1.0\"\n", "p.toml:4:15: error: tls.min_version");
  expect(first + "ciphers = \"NOTHING\"\n", "NOTHING");
  expect(first + "ticket_key_file = \"/dev/null\"\n", "p.toml:4:19: error: tls.ticket_key_file");
  expect(first + "[[tls.sni]]\ncertificate = \"" + good.certificate + "\"\nkey = \"" + other.key + "\"\n",
         "p.toml:6:7: error: tls.sni");
  expect(first + "[[tls.sni]]\nname = \"x\"\n", "name");
  expect("[[tls.sni]]\n" + pair(good), "is for clients that name no host");
  expect(first + "client_ca_file = \"/nonexistent\"\n", "p.toml:4:18: error: tls.client_ca_file: cannot read");
  expect(first + "client_ca_file = \"" + good.certificate + "\"\nclient_crl_file = \"" + good.certificate + "\"\n",
         "p.toml:5:19: error: tls.client_crl_file: no CRL");
  expect(first + "client_certificates = \"require\"\n", "needs client_ca_file");
  expect(first + "client_crl_file = \"" + good.certificate + "\"\n", "is of no use without client_ca_file");
  expect(first + "client_certificates = \"please\"\n", "tls.client_certificates");
}

TEST_CASE("certificates are read again together, and a broken one changes nothing", "[daemon]") {
  Stage stage;
  const SelfSigned first;
  const SelfSigned second("second.test");
  const std::string text = "[tls]\n" + pair(first) + "[[tls.sni]]\n" + pair(second);
  auto configuration = Stage::parse(text);
  daemon::ServerTls tls(configuration, stage.registry);
  configuration.check();
  CHECK_THAT(stage.metrics(), Catch::Contains("not_after_timestamp_seconds{name=\"default\"}") &&
                                  Catch::Contains("{name=\"" + second.certificate + "\"}") &&
                                  Catch::Contains("posthouse_tls_last_reload_successful 1"));
  const auto* before = tls.context().get();

  first.make("renewed.test");
  std::ofstream(second.key) << "not a key";
  tls.reload(stage.log);
  CHECK(tls.context().get() == before);
  CHECK_THAT(stage.metrics(), Catch::Contains("posthouse_tls_last_reload_successful 0"));

  second.make("second.test");
  tls.reload(stage.log);
  CHECK(tls.context().get() != before);
  CHECK_THAT(stage.metrics(), Catch::Contains("posthouse_tls_last_reload_successful 1"));
}

TEST_CASE("a new configuration may bring certificates and take them away", "[daemon]") {
  Stage stage;
  const SelfSigned first;
  const SelfSigned second("second.test");
  auto configuration = Stage::parse("[tls]\n" + pair(first));
  daemon::ServerTls tls(configuration, stage.registry);
  const std::string series = "{name=\"" + second.certificate + "\"}";

  auto more = Stage::parse("[tls]\n" + pair(first) + "[[tls.sni]]\n" + pair(second));
  tls.adopt(more, stage.log);
  CHECK_THAT(stage.metrics(), Catch::Contains(series));
  auto broken = Stage::parse("[tls]\ncertificate = \"/nonexistent\"\nkey = \"/x\"\n");
  tls.adopt(broken, stage.log);
  CHECK_THROWS(broken.check());
  CHECK_THAT(stage.metrics(), Catch::Contains(series) && Catch::Contains("posthouse_tls_last_reload_successful 0"));
  auto less = Stage::parse("[tls]\n" + pair(first));
  tls.adopt(less, stage.log);
  CHECK_THAT(stage.metrics(), !Catch::Contains(series) && Catch::Contains("posthouse_tls_last_reload_successful 1"));
}

TEST_CASE("a certificate that changes is taken over while the program runs", "[daemon]") {
  Stage stage;
  net::Loop loop;
  const SelfSigned files;
  auto configuration = Stage::parse("[tls]\n" + pair(files));
  daemon::ServerTls tls(configuration, stage.registry);
  const auto* before = tls.context().get();
  std::stop_source stop;
  TaskGroup group;
  group.spawn(tls.watch(loop, stage.log, stop.get_token(), 10ms));
  files.make("renewed.test");
  while (tls.context().get() == before) uv_run(loop.uv(), UV_RUN_ONCE);
  stop.request_stop();
  loop.runUntilDone(group.drained());
  CHECK(test::TlsServer(loop, tls.context()).visit({}).subject == "renewed.test");
}

TEST_CASE("who may certify clients is read again, too, and sessions begin anew then", "[daemon]") {
  Stage stage;
  net::Loop loop;
  const SelfSigned files;
  const SelfSigned client("alice.test");
  const SelfSigned other("other.test");
  const std::string authorities = files.folder.path() / "authorities.pem";
  std::filesystem::copy_file(other.certificate, authorities);
  auto configuration = Stage::parse("[tls]\n" + pair(files) + "client_certificates = \"request\"\nclient_ca_file = \"" +
                                    authorities + "\"\n");
  daemon::ServerTls tls(configuration, stage.registry);
  configuration.check();
  test::OpensslClient::Options options{.certificate = client.certificate, .key = client.key};
  const auto visit = [&](std::optional<net::ClientCertificates> asked) {
    test::TlsServer server(loop, tls.context(asked));
    const auto result = server.visit(options);
    options.resume = result.session;
    return std::pair(result.isResumed, server.clientCertificate);
  };
  CHECK_FALSE(visit(net::ClientCertificates::off).second);
  CHECK_FALSE(visit({}).second.value().isTrusted());
  CHECK(visit({}).first);
  std::filesystem::copy_file(client.certificate, authorities, std::filesystem::copy_options::overwrite_existing);
  tls.reload(stage.log);
  const auto [isResumed, certificate] = visit({});
  CHECK_FALSE(isResumed);
  CHECK(certificate.value().isTrusted());
  std::ofstream(authorities) << "nothing";
  tls.reload(stage.log);
  CHECK(visit({}).second.value().isTrusted());
  CHECK_THAT(stage.metrics(), Catch::Contains("posthouse_tls_last_reload_successful 0"));
}

TEST_CASE("where the secret for tickets is shared, a session goes on at another process, also when it was changed",
          "[daemon]") {
  Stage stage;
  prometheus::Registry elsewhere;
  net::Loop loop;
  const SelfSigned files;
  const std::string secret = files.folder.path() / "tickets";
  std::ofstream(secret) << std::string(48, 'a');
  const std::string text = "[tls]\n" + pair(files) + "ticket_key_file = \"" + secret + "\"\n";
  auto configuration = Stage::parse(text);
  daemon::ServerTls one(configuration, stage.registry);
  daemon::ServerTls other(configuration, elsewhere);
  configuration.check();
  const bool onlyTls12 = GENERATE(true, false);
  test::OpensslClient::Options options{.onlyTls12 = onlyTls12};
  options.resume = test::TlsServer(loop, one.context()).visit(options).session;
  CHECK(test::TlsServer(loop, other.context()).visit(options).isResumed);
  std::ofstream(secret) << std::string(48, 'b');
  other.reload(stage.log);
  const auto resumed = test::TlsServer(loop, other.context()).visit(options);
  CHECK(resumed.isResumed);
  one.reload(stage.log);
  options.resume = resumed.session;
  CHECK(test::TlsServer(loop, one.context()).visit(options).isResumed);
  CHECK_THAT(stage.metrics(), Catch::Contains("posthouse_tls_handshakes_total"));
}
