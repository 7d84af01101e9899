#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "services/mailctl/live/office.h"

using namespace posthouse;
using namespace posthouse::mailctl;

TEST_CASE("mailctl does what it is told and says how it went", "[mailctl][database]") {
  Office office;
  const auto steps = std::vector<std::tuple<int, std::string, std::string>>{
      {0, "domain add mail.test", ""},
      {4, "domain add MAIL.test", ""},
      {2, "domain add 'no domain'", ""},
      {0, "user add alice@mail.test --password-stdin --quota 1GiB", "secret\n"},
      {0, "user add bob@mail.test", "secret"},
      {4, "user add alice@mail.test --password-stdin", "secret"},
      {3, "user add alice@other.test --password-stdin", "secret"},
      {2, "user add carol@mail.test --password-stdin", ""},
      {2, "user add carol --password-stdin", "secret"},
      {2, "user add carol@mail.test --quota many", "secret"},
      {3, "user show carol@mail.test", ""},
      {0, "user passwd alice@mail.test --password-stdin", "other"},
      {3, "user passwd carol@mail.test", "other"},
      {0, "user disable bob@mail.test", ""},
      {0, "user enable bob@mail.test", ""},
      {3, "user disable carol@mail.test", ""},
      {0, "alias add sales@mail.test alice@mail.test bob@mail.test x@else.example", ""},
      {4, "alias add alice@mail.test bob@mail.test", ""},
      {3, "alias add help@mail.test nobody@mail.test", ""},
      {0, "alias remove sales@mail.test bob@mail.test", ""},
      {3, "alias remove help@mail.test", ""},
      {0, "quota set alice@mail.test 2GiB", ""},
      {3, "quota get carol@mail.test", ""},
      {0, "domain set mail.test catch-all=sales@mail.test separator=+- default-quota=2GiB max-users=2", ""},
      {1, "user add carol@mail.test --password-stdin", "secret"},
      {0, "domain set mail.test max-aliases=1", ""},
      {1, "alias add more@mail.test alice@mail.test", ""},
      {0, "domain set mail.test max-aliases=any", ""},
      {3, "domain set mail.test catch-all=nobody@mail.test", ""},
      {2, "domain set mail.test separator=x", ""},
      {2, "domain set mail.test max-users=-1", ""},
      {2, "domain set mail.test colour=red", ""},
      {0, "domain set mail.test two-factors=required", ""},
      {0, "domain set mail.test two-factors=optional", ""},
      {2, "domain set mail.test two-factors=maybe", ""},
      {0, "user app-password add alice@mail.test --label 'her phone' --protocol imap --network ::1 --expires 90d", ""},
      {4, "user app-password add alice@mail.test --label 'her phone'", ""},
      {2, "user app-password add alice@mail.test --label x --protocol http", ""},
      {2, "user app-password add alice@mail.test --label x --expires soon", ""},
      {3, "user app-password add nobody@mail.test --label x", ""},
      {0, "user app-password list alice@mail.test", ""},
      {0, "user app-password remove alice@mail.test 'her phone'", ""},
      {3, "user app-password remove alice@mail.test 'her phone'", ""},
      {1, "user totp enroll alice@mail.test", ""},  // there is no key to seal it with
      {0, "user totp show alice@mail.test", ""},
      {3, "user totp confirm alice@mail.test 123456", ""},
      {3, "user totp off alice@mail.test", ""},
      {2, "domain set mail.test catch-all", ""},
      {3, "domain set other.test separator=none", ""},
      {3, "domain show other.test", ""},
      {1, "domain remove mail.test", ""},
      {3, "domain remove other.test", ""},
      {0, "user list", ""},
      {3, "user list other.test", ""},
      {0, "db version", ""},
      {0, "db migrate", ""},
      {0, "db check", ""},
      {0, "log level accountd debug", ""},
      {2, "log level accountd loud", ""},
      {3, "log level nobodyd debug", ""},
      {0, "reload all", ""},
      {0, "config check", ""},
      {0, "user remove bob@mail.test", ""},
      {3, "user remove bob@mail.test", ""},
  };
  for (const auto& [status, arguments, input] : steps) {
    const Result result = office.mailctl(arguments, input);
    CAPTURE(arguments, result.output, office.complaint());
    CHECK(result.status == status);
    CHECK(result.output.empty() == (status != 0));
    CHECK(office.complaint().empty() == (status == 0));
  }

  const json alice = office.asJson("user show ALICE@mail.test");
  CHECK(alice["address"] == "alice@mail.test");
  CHECK(alice["enabled"] == true);
  CHECK(alice["quota"]["limit_bytes"] == 2'147'483'648);
  CHECK(office.asJson("alias list")[0]["members"] == json({"alice@mail.test", "x@else.example"}));
  const json domain = office.asJson("domain list")[0];
  CHECK(domain["name"] == "mail.test");
  CHECK(domain["users"] == 1);
  CHECK(domain["aliases"] == 1);
  CHECK(domain == office.asJson("domain show mail.test"));
  CHECK(domain["catch_all"] == "sales@mail.test");
  CHECK(domain["separators"] == "+-");
  CHECK(domain["default_quota_bytes"] == 2'147'483'648);
  CHECK(domain["max_users"] == 2);
  CHECK(office.asJson("status")[0]["ready"] == true);
  CHECK(office.asJson("db check")["problems"].empty());
}

TEST_CASE("sessions are shown and ended, of users that there are", "[mailctl][database]") {
  Office office;
  office.asJson("domain add mail.test");
  office.asJson("user add alice@mail.test", "secret\n");
  const auto steps = std::vector<std::tuple<int, std::string>>{
      {0, "user sessions"},
      {0, "user sessions mail.test"},
      {3, "user sessions other.test"},
      {0, "user sessions alice@mail.test"},
      {3, "user sessions nobody@mail.test"},
      {0, "user logout alice@mail.test"},
      {3, "user logout alice@mail.test --session x"},
      {3, "user logout nobody@mail.test"},
      {2, "user logout"},
      {0, "user passwd alice@mail.test --logout"},
      {0, "--as alice@mail.test user sessions alice@mail.test"},
      {1, "--as alice@mail.test user sessions"},
      {0, "--as alice@mail.test user logout alice@mail.test"},
  };
  for (const auto& [status, arguments] : steps) {
    const Result result = office.mailctl(arguments, "secret\n");
    CAPTURE(arguments, result.output, office.complaint());
    CHECK(result.status == status);
  }
  CHECK(office.asJson("user sessions") == json::array());
  CHECK(office.asJson("user logout alice@mail.test") == json({{"address", "alice@mail.test"}, {"sessions", 0}}));
}

TEST_CASE("groups and shared mailboxes are made of users", "[mailctl][database]") {
  Office office;
  office.asJson("domain add mail.test");
  for (const char* name : {"alice", "bob", "carol"})
    office.asJson(std::string("user add ") + name + "@mail.test", "secret\n");
  const auto steps = std::vector<std::tuple<int, std::string>>{
      {0, "group add staff@mail.test alice@mail.test bob@mail.test --senders members"},
      {4, "group add staff@mail.test alice@mail.test"},
      {2, "group add more@mail.test"},
      {2, "group add more@mail.test alice@mail.test --senders friends"},
      {3, "group add more@mail.test nobody@mail.test"},
      {0, "shared add info@mail.test alice@mail.test --quota 1GiB"},
      {2, "shared add more@mail.test staff@mail.test"},
      {0, "member add staff@mail.test carol@mail.test info@mail.test"},
      {0, "member remove staff@mail.test bob@mail.test"},
      {3, "member remove staff@mail.test bob@mail.test"},
      {3, "group show info@mail.test"},
      {3, "shared show staff@mail.test"},
      {3, "group show alice@mail.test"},
      {3, "user passwd info@mail.test"},
      {0, "group list"},
      {0, "shared list mail.test"},
      {0, "quota get info@mail.test"},
      {2, "group set staff@mail.test"},
      {0, "group set staff@mail.test --senders anyone"},
  };
  for (const auto& [status, arguments] : steps) {
    const Result result = office.mailctl(arguments, "secret\n");
    CAPTURE(arguments, result.output, office.complaint());
    CHECK(result.status == status);
  }
  const json staff = office.asJson("group show staff@mail.test");
  CHECK(staff["members"] == json({"alice@mail.test", "carol@mail.test", "info@mail.test"}));
  CHECK(staff["senders"] == "anyone");
  CHECK(staff == office.asJson("member list staff@mail.test"));
  CHECK(office.asJson("shared list")[0]["quota"]["limit_bytes"] == 1 << 30);
  CHECK(office.asJson("user list").size() == 3);
  CHECK(office.mailctl("shared remove staff@mail.test").status == 3);
  CHECK(office.mailctl("group remove staff@mail.test").status == 0);
  CHECK(office.mailctl("shared remove info@mail.test").status == 0);
}

TEST_CASE("users may send as what they are granted", "[mailctl][database]") {
  Office office;
  office.asJson("domain add mail.test");
  for (const char* user : {"alice@mail.test", "bob@mail.test"})
    office.asJson(std::string("user add ") + user, "secret\n");
  const auto steps = std::vector<std::tuple<int, std::string>>{
      {0, "send-as add alice@mail.test bob@mail.test @else.example"},
      {3, "send-as add alice@mail.test nobody@mail.test"},
      {3, "send-as add nobody@mail.test bob@mail.test"},
      {2, "send-as add alice@mail.test"},
      {2, "send-as add alice@mail.test bob"},
      {0, "send-as list alice@mail.test"},
      {0, "send-as remove alice@mail.test @else.example"},
      {3, "send-as remove alice@mail.test @else.example"},
  };
  for (const auto& [status, arguments] : steps) {
    const Result result = office.mailctl(arguments);
    CAPTURE(arguments, result.output, office.complaint());
    CHECK(result.status == status);
  }
  CHECK(office.asJson("send-as list alice@mail.test")["granted"] == json({"bob@mail.test"}));
}

TEST_CASE("a user has Kerberos principals, each by itself", "[mailctl][database]") {
  Office office;
  office.asJson("domain add mail.test");
  for (const char* user : {"alice@mail.test", "bob@mail.test"})
    office.asJson(std::string("user add ") + user, "secret\n");
  const auto steps = std::vector<std::tuple<int, std::string>>{
      {0, "user principal list alice@mail.test"},
      {0, "user principal add alice@mail.test alice@EXAMPLE.ORG alice/admin@EXAMPLE.ORG"},
      {4, "user principal add bob@mail.test alice@EXAMPLE.ORG"},
      {3, "user principal add nobody@mail.test nobody@EXAMPLE.ORG"},
      {2, "user principal add alice@mail.test"},
      {2, "user principal add alice@mail.test alice"},
      {0, "user principal remove alice@mail.test alice/admin@EXAMPLE.ORG"},
      {3, "user principal remove alice@mail.test alice/admin@EXAMPLE.ORG"},
      {1, "--as alice@mail.test user principal list alice@mail.test"},
  };
  for (const auto& [status, arguments] : steps) {
    const Result result = office.mailctl(arguments);
    CAPTURE(arguments, result.output, office.complaint());
    CHECK(result.status == status);
  }
  CHECK(office.asJson("user principal list alice@mail.test") ==
        json({{"address", "alice@mail.test"}, {"principals", {"alice@EXAMPLE.ORG"}}}));
}

TEST_CASE("administrators of domains do what is theirs, and it is all in the audit", "[mailctl][database]") {
  Office office;
  for (const char* domain : {"mail.test", "other.test"}) office.asJson(std::string("domain add ") + domain);
  for (const char* user : {"chief@mail.test", "alice@mail.test", "eve@other.test"})
    office.asJson(std::string("user add ") + user, "secret\n");
  const auto steps = std::vector<std::tuple<int, std::string>>{
      {0, "admin add chief@mail.test --domain mail.test"},
      {4, "admin add chief@mail.test --domain mail.test"},
      {3, "admin add nobody@mail.test"},
      {3, "admin remove alice@mail.test"},
      {0, "admin list"},
      {0, "--as chief@mail.test user passwd alice@mail.test"},
      {3, "--as chief@mail.test user passwd eve@other.test"},
      {1, "--as chief@mail.test domain add third.test"},
      {3, "--as chief@mail.test user add new@other.test"},
      {0, "--as chief@mail.test audit list --since 1d"},
      {1, "--as alice@mail.test user list"},
      {0, "--as alice@mail.test user show alice@mail.test"},
      {1, "--as nobody@mail.test user list"},
      {1, "--as grün@mail.test user list"},
      {2, "audit list --since yesterday"},
      {2, "audit list --since 2026-02-30"},
      {0, "audit list --since 2026-01-01 --actor chief@mail.test"},
  };
  for (const auto& [status, arguments] : steps) {
    const Result result = office.mailctl(arguments, "other\n");
    CAPTURE(arguments, result.output, office.complaint());
    CHECK(result.status == status);
  }
  CHECK(office.asJson("--as chief@mail.test user list").size() == 2);
  CHECK(office.asJson("admin list") == json::array({{{"address", "chief@mail.test"}, {"domain", "mail.test"}}}));
  const json entries = office.asJson("audit list --object alice@mail.test");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0]["actor"].is_null());
  CHECK(entries[0]["peer"] == "local:" + std::to_string(getuid()));
  CHECK(entries[0]["details"] == json::object());  // no quota was asked for
  CHECK(entries[1]["actor"] == "chief@mail.test");
  CHECK(entries[1]["action"] == "user.passwd");
  CHECK(office.mailctl("admin remove chief@mail.test --domain mail.test").status == 0);
}

TEST_CASE("many users are imported, and what cannot be is named by its line", "[mailctl][database]") {
  Office office;
  office.asJson("domain add mail.test");
  std::string users = "address,password,quota\n";
  for (int i = 0; i < 100; ++i) users += "user" + std::to_string(i) + "@mail.test,\"se,cret\",5MiB\r\n";
  const json first = office.asJson("user import " + office.file("users.csv", users));
  CHECK(first["added"] == 100);
  CHECK(office.asJson("user list").size() == 100);
  CHECK(office.asJson("quota get user99@mail.test")["limit_bytes"] == 5 * 1024 * 1024);

  CHECK(office.mailctl("user import " + office.file("users.csv", users)).status == 4);
  const Result more =
      office.mailctl("-o json user import -", "user1@mail.test,x\nnew@mail.test,x\nbad,x\nx@other.test,x\n");
  CHECK(more.status == 5);
  const json told = json::parse(more.output);
  CHECK(told["added"] == 1);
  CHECK(told["existed"] == 1);
  CHECK(told["failed"] == 2);
  CHECK(told["refused"].size() == 3);
  CHECK(office.mailctl("user import -", "bad,x\n").status == 1);
  CHECK(office.mailctl("user import -", "only-one-field\n").status == 1);
  CHECK(office.mailctl("user import /does/not/exist").status == 1);
}

TEST_CASE("thousands of users come with the hashes of another server, and a bad row fails alone",
          "[mailctl][database]") {
  Office office;
  office.asJson("domain add mail.test");
  const std::string hash = "{SSHA}LxGFiD0RgQN4wqBgb3I4SJZKsc+rBXgB";  // doveadm pw -s SSHA -p secret
  std::string users = "quota,address,password_hash\n";
  for (int i = 0; i < 5000; ++i) users += "1GiB,user" + std::to_string(i) + "@mail.test," + hash + "\n";
  const std::string file = office.file("users.csv", users);
  CHECK(office.asJson("user import " + file) ==
        json{{"added", 5000}, {"existed", 0}, {"failed", 0}, {"refused", json::array()}});
  CHECK(office.asJson("user list").size() == 5000);
  CHECK(office.asJson("quota get user4999@mail.test")["limit_bytes"] == 1 << 30);

  const Result again = office.mailctl("-o json user import " + file);
  CHECK(again.status == 4);
  CHECK(json::parse(again.output)["existed"] == 5000);

  std::string rows = "address,password,password_hash\n";
  for (const std::string& row :
       {"new@mail.test,," + hash, "new@mail.test,," + hash, "dear@mail.test,,$2b$31$" + std::string(53, 'a'),
        std::string("des@mail.test,,sJV2Khbwk7JUs"), "both@mail.test,secret," + hash,
        std::string("neither@mail.test,,"), std::string("plain@mail.test,,{PLAIN}secret"),
        std::string("password@mail.test,secret,"), "x@other.test,," + hash})
    rows += row + "\n";
  const Result more = office.mailctl("-o json user import -", rows);
  CHECK(more.status == 5);
  const json told = json::parse(more.output);
  CHECK(told["added"] == 3);
  CHECK(told["existed"] == 1);
  CHECK(told["failed"] == 5);
  std::map<int, std::string> errors;
  for (const json& row : told["refused"]) errors[row["line"]] = row["error"];
  CHECK_THAT(errors[4], Catch::Contains("costs up to 14"));
  CHECK_THAT(errors[5], Catch::Contains("neither with $ nor with {SCHEME}"));
  CHECK_THAT(errors[6], Catch::Contains("one of them"));
  CHECK_THAT(errors[7], Catch::Contains("empty"));
  CHECK_THAT(errors[10], Catch::Contains("no domain other.test"));
  CHECK(errors.size() == 6);
}

TEST_CASE("a program that does not run is said to", "[mailctl][database]") {
  Office office;
  office.stop();
  CHECK(office.mailctl("domain list").status == 1);
  CHECK_THAT(office.complaint(), Catch::Contains("accountd") && Catch::Contains("mailctl doctor"));
  CHECK(office.mailctl("status").status == 6);
  const Result doctor = office.mailctl("-o json doctor");
  CHECK(doctor.status == 6);
  const json told = json::parse(doctor.output);
  CHECK(told["fail"] > 0);
  for (const json& finding : told["findings"])
    if (finding["grade"] != "ok") CHECK_FALSE(finding["mend"] == "");
}

TEST_CASE("the command line is judged before anything is asked", "[mailctl]") {
  const auto run = [](const std::string& arguments) {
    return WEXITSTATUS(std::system((std::string(MAILCTL) + " " + arguments + " > /dev/null 2>&1").c_str()));
  };
  CHECK(run("--help") == 0);
  CHECK(run("user add --help") == 0);
  CHECK(run("--version") == 0);
  CHECK(run("") == 2);
  CHECK(run("no-such-noun") == 2);
  CHECK(run("user add") == 2);
  CHECK(run("--config /does/not/exist domain list") == 1);
}
