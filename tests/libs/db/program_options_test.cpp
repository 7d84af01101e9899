#include "db/program_options.h"

#include <catch2/catch.hpp>

#include "config/configuration.h"
#include "support/quiet_sink.h"

using namespace posthouse;
using namespace std::chrono_literals;

namespace {

db::Options optionsOf(const std::string& text) {
  auto configuration = config::Configuration::parse(text, "posthouse.toml", nullptr, {});
  config::Section program = configuration.section("imapd");
  const auto settings = daemon::DatabaseSettings::from(configuration, program);
  configuration.check();
  prometheus::Registry registry;
  test::QuietSink sink(registry);
  const observe::Log log(sink, "imapd", "test");
  return db::programOptions(settings, "imapd", log);
}

}  // namespace

TEST_CASE("every key of [database] reaches the pools of every program", "[db]") {
  const db::Options options = optionsOf(
      "[database]\nurl = \"host=/nowhere\"\npool_size = 7\nprepared_statements = false\nstatement_timeout = \"3s\"\n");
  CHECK(options.url == "host=/nowhere");
  CHECK(options.applicationName == "imapd");
  CHECK(options.poolSize == 7);
  CHECK_FALSE(options.preparedStatements);
  CHECK(options.statementTimeout == 3s);
  CHECK(options.queuePatience == 3s);
}

TEST_CASE("without keys of [database] statements are prepared and have 20 seconds", "[db]") {
  const db::Options options = optionsOf("[database]\nurl = \"host=/nowhere\"\n");
  CHECK(options.preparedStatements);
  CHECK(options.statementTimeout == 20s);
}

TEST_CASE("a statement_timeout of nothing is refused", "[db]") {
  CHECK_THROWS_WITH(optionsOf("[database]\nurl = \"host=/nowhere\"\nstatement_timeout = \"0s\"\n"),
                    Catch::Contains("database.statement_timeout: must be more than 0"));
}
