#include "daemon/database_settings.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using Lines = std::vector<std::string>;

namespace {

Lines errorsOf(const std::string& text) {
  auto configuration = config::Configuration::parse(text, "t", nullptr, {});
  config::Section program = configuration.section("imapd");
  daemon::DatabaseSettings::from(configuration, program);
  return configuration.errors().lines();
}

constexpr const char* kWhy = " is not understood; write it as \"postgresql://role@host/database\"";

}  // namespace

TEST_CASE("a database URL that libpq does not understand is told with its place and without its password", "[daemon]") {
  CHECK(errorsOf("[database]\nurl = \"postgresql://x:secret%zz@/y\"\n") ==
        Lines{std::string("t:2:7: error: database.url:") + kWhy});
  CHECK(errorsOf("[database]\nurl = \"postgresql:///y\"\n[imapd]\ndatabase_url = \"nonsense\"\n") ==
        Lines{std::string("t:4:16: error: imapd.database_url:") + kWhy});
  CHECK(errorsOf("[database]\nurl = \"postgresql://x@/y?host=/run/postgresql\"\n").empty());
  CHECK(errorsOf("[database]\nurl = \"host=/run/postgresql dbname=y\"\n").empty());
}
