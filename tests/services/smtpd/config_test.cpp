#include "config.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::smtpd;

namespace {

constexpr const char* kNoEnvironment[] = {nullptr};

config::Configuration parse(const std::string& text) {
  return config::Configuration::parse(text, "posthouse.toml", kNoEnvironment, {});
}

}  // namespace

TEST_CASE("a configuration as scripts/up writes it is understood", "[smtpd]") {
  auto configuration = parse(R"(
[smtpd]
lmtp_address = "127.0.0.1:2424"
max_message_size = "10MiB"
relay_networks = ["192.0.2.0/24"]
[[smtpd.listener]]
name = "mx"
address = "127.0.0.1:2525"
tls = "starttls"
service = "mx"
[[smtpd.listener]]
name = "submissions"
address = "127.0.0.1:2465"
tls = "implicit"
service = "submission"
[database]
url = "postgresql:///posthouse"
[filterd]
grpc_address = "unix:/run/f.sock"
on_failure = "accept"
)");
  config::Section own = configuration.section("smtpd");
  const Config config = Config::from(configuration, own, "mx.example.org");
  configuration.check();
  CHECK(config.hostname == "mx.example.org");
  REQUIRE(config.listeners.size() == 2);
  CHECK(config.listeners[0].service == Service::mx);
  CHECK(config.listeners[0].socket.clientCertificates == net::ClientCertificates::off);  // whatever [tls] says
  CHECK(config.listeners[1].service == Service::submission);
  CHECK(config.listeners[1].socket.tls == daemon::ListenerConfig::Tls::implicit);
  CHECK_FALSE(config.listeners[1].socket.clientCertificates);
  CHECK(config.maxMessageSize == 10 * 1024 * 1024);
  CHECK(config.relayNetworks.size() == 1);
  CHECK(config.filterdAddress == "unix:/run/f.sock");
  CHECK(config.acceptUnfiltered);
}

TEST_CASE("every mistake is told", "[smtpd]") {
  auto configuration = parse(R"(
[smtpd]
max_recipient = 5
relay_networks = ["everybody"]
[[smtpd.listener]]
name = "mx"
address = "nowhere"
service = "imap"
[filterd]
on_failure = "panic"
)");
  config::Section own = configuration.section("smtpd");
  Config::from(configuration, own, "mx.example.org");
  std::string errors;
  for (const std::string& line : configuration.errors().lines()) errors += line + "\n";
  CAPTURE(errors);
  CHECK(errors.contains("max_recipient"));
  CHECK(errors.contains("relay_networks"));
  CHECK(errors.contains("address"));
  CHECK(errors.contains("service"));
  CHECK(errors.contains("on_failure"));
}
