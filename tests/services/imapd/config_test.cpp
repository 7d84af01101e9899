#include "config.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::imapd;

namespace {

constexpr const char* kNoEnvironment[] = {nullptr};

Config read(config::Configuration& configuration) {
  return Config::from(configuration, configuration.section("imapd"), "mail.test");
}

}  // namespace

TEST_CASE("the configuration of imapd", "[imapd]") {
  auto configuration = config::Configuration::parse(R"toml(
    [database]
    url = "postgresql://shared/"
    [accountd]
    grpc_address = "unix:/run/accountd.sock"
    [events]
    peers = ["unix:/run/imapd.sock"]
    [imapd]
    database_url = "postgresql://own/"
    max_message_size = "10MiB"
    idle_timeout = "31m"
    [[imapd.listener]]
    name = "imaps"
    address = "127.0.0.1:2993"
    tls = "implicit"
  )toml",
                                                    "posthouse.toml", kNoEnvironment, {});
  const Config config = read(configuration);
  CHECK(configuration.errors().empty());
  CHECK(config.hostname == "mail.test");
  CHECK(config.database.url == "postgresql://own/");
  CHECK(config.accountd == "unix:/run/accountd.sock");
  CHECK(config.eventPeers == std::vector<std::string>{"unix:/run/imapd.sock"});
  CHECK(config.maxMessageSize == 10 * 1024 * 1024);
  CHECK(config.idleTimeout == std::chrono::minutes(31));
  REQUIRE(config.listeners.size() == 1);
  CHECK(config.listeners[0].tls == daemon::ListenerConfig::Tls::implicit);
}

TEST_CASE("a wrong configuration is told with all that is wrong", "[imapd]") {
  auto configuration = config::Configuration::parse(R"toml(
    [imapd]
    max_message_size = "5GiB"
    max_bad_comands = 3
  )toml",
                                                    "posthouse.toml", kNoEnvironment, {});
  read(configuration);
  CHECK(configuration.errors().lines().size() == 4);  // the two keys here, no database, no accountd
}
