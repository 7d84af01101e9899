#include "config/configuration.h"

#include <catch2/catch.hpp>

#include "config/units.h"

using namespace posthouse::config;
using namespace std::chrono_literals;

namespace {

Configuration reading(const std::string& text, const Configuration::Overrides& overrides = {},
                      std::vector<const char*> environment = {}) {
  environment.push_back(nullptr);
  return Configuration::parse(text, "posthouse.toml", environment.data(), overrides);
}

}  // namespace

TEST_CASE("a section is read with units and defaults", "[config]") {
  auto configuration = reading(
      "[smtpd]\nhostname = \"mx.example\"\nmax_message_size = \"25MiB\"\ncommand_timeout = \"5m\"\nrelay_networks = "
      "[\"10.0.0.0/8\"]\n");
  Section smtpd = configuration.section("smtpd");
  CHECK(smtpd.text("hostname") == "mx.example");
  CHECK(smtpd.bytes("max_message_size", 1) == 25u * 1024 * 1024);
  CHECK(smtpd.duration("command_timeout", 1s) == 300s);
  CHECK(smtpd.list("relay_networks") == std::vector<std::string>{"10.0.0.0/8"});
  CHECK(smtpd.integer("max_recipients", 1000, 1, 100000) == 1000);
  smtpd.rejectUnread();
  CHECK_NOTHROW(configuration.check());
}

TEST_CASE("all errors come at once, each with its place", "[config]") {
  auto configuration = reading(
      "[database]\npool_size = \"many\"\nurl = 5\n[smtpd]\nmax_recipents = 3\ntimeout = 30\nlimit = \"9 "
      "octets\"\n[nosuch]\n");
  Section database = configuration.section("database");
  database.integer("pool_size", 4, 1, 100);
  database.text("url");
  Section smtpd = configuration.section("smtpd");
  smtpd.integer("max_recipients", 1000, 1, 10);
  smtpd.duration("timeout", 1s);
  smtpd.bytes("limit", 1);
  smtpd.text("hostname");
  smtpd.rejectUnread();
  const std::vector<std::string> expected{
      "posthouse.toml:8:1: error: nosuch: unknown section",
      "posthouse.toml:2:13: error: database.pool_size: expected an integer",
      "posthouse.toml:3:7: error: database.url: expected text in quotes",
      "posthouse.toml:6:11: error: smtpd.timeout: expected text in quotes",
      "posthouse.toml:7:9: error: smtpd.limit: \"9 octets\" is not a size; write it with its unit, as \"25MiB\"",
      "posthouse.toml:4:1: error: smtpd.hostname: is required",
      "posthouse.toml:5:17: error: smtpd.max_recipents: unknown key; did you mean max_recipients?",
  };
  CHECK(configuration.errors().lines() == expected);
  CHECK_THROWS_AS(configuration.check(), InvalidConfiguration);
}

TEST_CASE("the environment overrides the file and the command line overrides both", "[config]") {
  auto configuration = reading("[log]\nlevel = \"info\"\n[lmtp-delivery]\nhostname = \"a\"\n",
                               {{"log.level", "debug"}, {"dns.servers", "[\"127.0.0.1:53\"]"}, {"events.peers", "a,b"}},
                               {"POSTHOUSE__LOG__LEVEL=warn", "POSTHOUSE__LMTP_DELIVERY__HOSTNAME=b",
                                "POSTHOUSE__DATABASE__PASSWORD=0123", "PATH=/bin"});
  CHECK(configuration.section("log").text("level") == "debug");
  CHECK(configuration.section("lmtp-delivery").text("hostname") == "b");
  CHECK(configuration.section("database").text("password") == "0123");
  CHECK(configuration.section("dns").list("servers") == std::vector<std::string>{"127.0.0.1:53"});
  CHECK(configuration.section("events").list("peers") == std::vector<std::string>{"a", "b"});
  CHECK_NOTHROW(configuration.check());
  CHECK_THROWS_WITH(reading("", {}, {"POSTHOUSE__LOGG__LEVEL=x"}).check(),
                    Catch::Contains("POSTHOUSE__LOGG__LEVEL in the environment"));
}

TEST_CASE("an override that reads as a date is a text, and hides no other mistake", "[config]") {
  const std::string text = GENERATE("2024-05-01", "07:30:00", "2024-05-01T07:30:00Z", "[2024-05-01]");
  auto configuration = reading("[nosuch]\n", {{"common.instance", text}}, {"POSTHOUSE__COMMON__DATA_DIR=2024-05-01"});
  CHECK(configuration.section("common").text("instance") == text);
  CHECK(configuration.section("common").text("data_dir") == "2024-05-01");
  CHECK(configuration.errors().lines().size() == 1);
}

TEST_CASE("a key that nobody knows is told wherever it was written", "[config]") {
  auto configuration =
      reading("[smtpd]\nhostname = \"a\"\n", {{"smtpd.hostnam", "b"}}, {"POSTHOUSE__SMTPD__HOST_NAME=c"});
  Section smtpd = configuration.section("smtpd");
  CHECK(smtpd.text("hostname") == "a");
  smtpd.rejectUnread();
  const std::vector<std::string> expected{
      "POSTHOUSE__SMTPD__HOST_NAME in the environment: error: smtpd.host_name: unknown key; did you mean hostname?",
      "-o smtpd.hostnam: error: smtpd.hostnam: unknown key; did you mean hostname?",
  };
  CHECK(configuration.errors().lines() == expected);
  CHECK_THROWS_WITH(reading("", {{"smptd.hostname", "a"}}).check(), Catch::Contains("-o smptd.hostname: error: smptd"));
}

TEST_CASE("two readings tell which keys are not the same", "[config]") {
  const auto before =
      reading("[log]\nlevel = \"info\"\n[smtpd]\na = 1\nb = [\"x\"]\n[[smtpd.listener]]\nname = \"mx\"\n");
  CHECK(reading("\n[smtpd]\nb = [\"x\"]\na = 1\nlistener = [{name = \"mx\"}]\n[log]\nlevel = \"info\"\n")
            .differences(before)
            .empty());
  const auto after =
      reading("[log]\nlevel = \"warn\"\n[smtpd]\nb = [\"y\"]\nc = 1\n[[smtpd.listener]]\nname = \"mx2\"\n");
  CHECK(after.differences(before) ==
        std::vector<std::string>{"log.level", "smtpd.a", "smtpd.b", "smtpd.c", "smtpd.listener"});
}

TEST_CASE("what is set may be shown with its places, and without passwords", "[config]") {
  const auto configuration = reading(
      "[database]\nurl = \"postgresql://mail:s3cret@db/posthouse\"\nadmin_url = \"host=db password=s3cret\"\n"
      "[smtpd]\nmax_recipients = 3\nrelay_networks = [\"10.0.0.0/8\", \"::1/128\"]\n"
      "[[smtpd.listener]]\nname = \"mx\"\n",
      {{"imapd.database_url", "postgresql://imapd@db/x?password=s3cret"},
       {"pop3d.database_url_file", "/run/secrets/x"}},
      {"POSTHOUSE__RELAYD__DATABASE_URL=postgresql://u:s3c?ret@db:5/s3@host/x", "POSTHOUSE__COMMON__API_TOKEN=s3cret"});
  CHECK(configuration.redacted() ==
        "common.api_token = \"<secret>\"  # POSTHOUSE__COMMON__API_TOKEN in the environment\n"
        "database.admin_url = \"<secret>\"  # posthouse.toml:3:13\n"
        "database.url = \"postgresql://mail@db/posthouse\"  # posthouse.toml:2:7\n"
        "imapd.database_url = \"postgresql://imapd@db/x\"  # -o imapd.database_url\n"
        "pop3d.database_url_file = \"/run/secrets/x\"  # -o pop3d.database_url_file\n"
        "relayd.database_url = \"postgresql://u@host/x\"  # POSTHOUSE__RELAYD__DATABASE_URL in the environment\n"
        "smtpd.listener[0].name = \"mx\"  # posthouse.toml:8:8\n"
        "smtpd.max_recipients = 3  # posthouse.toml:5:18\n"
        "smtpd.relay_networks = [\"10.0.0.0/8\", \"::1/128\"]  # posthouse.toml:6:18\n");
}

TEST_CASE("bad TOML says where", "[config]") {
  CHECK_THROWS_WITH(reading("[log]\nlevel = \n"), Catch::StartsWith("posthouse.toml:2:9: error: "));
  CHECK_THROWS_WITH(Configuration::load("/nonexistent.toml", nullptr, {}), Catch::Contains("--config"));
}

TEST_CASE("garbage is told, not died of", "[config]") {
  CHECK_THROWS_WITH(reading("[log]\n[[[[[[\x1f["), Catch::StartsWith("posthouse.toml:2:1: error: "));
  CHECK_THROWS_WITH(reading("[log]\nlevel = \"info\"\n\n[[[[[[\x1f[\n[dns]\n"),
                    Catch::StartsWith("posthouse.toml:4:1: error: "));
  CHECK_THROWS_WITH(reading("[log]\n le\xc3\xb6 = \"x\"\n"), Catch::StartsWith("posthouse.toml:2:"));
  CHECK_THROWS_WITH(reading("[log]\nlevel = 'x\\' \xc3\xb2"), Catch::StartsWith("posthouse.toml:2:"));
  auto configuration =
      reading("# \xc3\xb2\n[common]\nhostname = \"\xc3\xb2\\\"\xc3\xb2\" # \xc3\xb2 '\nx = '''\n'\xc3\xb2\n'''\n",
              {{"log.level", "\xc3\xb2"}});
  CHECK(configuration.section("common").text("hostname") == "\xc3\xb2\"\xc3\xb2");
  CHECK(configuration.section("common").text("x") == "'\xc3\xb2\n");
  CHECK(configuration.section("log").text("level") == "\xc3\xb2");
}

TEST_CASE("tables of tables keep their order", "[config]") {
  auto configuration = reading("[[smtpd.listener]]\nname = \"mx\"\n[[smtpd.listener]]\nname = \"submission\"\n");
  Section smtpd = configuration.section("smtpd");
  auto listeners = smtpd.tables("listener");
  REQUIRE(listeners.size() == 2);
  CHECK(listeners[1].text("name") == "submission");
}

TEST_CASE("sizes and durations need their units", "[config]") {
  CHECK(parseDuration("250ms") == 250ms);
  CHECK(parseDuration("2d") == 48h);
  CHECK(parseBytes("1GiB") == 1ull << 30);
  CHECK(parseBytes("0") == 0);
  for (const char* text : {"", "5", "s", "5 s", "-5s", "1.5h", "99999999999999999999d", "9223372036854775807d"})
    CHECK_FALSE(parseDuration(text));
  for (const char* text : {"", "5", "MiB", "5mib", "-1B", "9223372036854775807TiB"}) CHECK_FALSE(parseBytes(text));
}
