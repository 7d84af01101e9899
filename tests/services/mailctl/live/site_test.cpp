#include <catch2/catch.hpp>

#include "services/mailctl/live/office.h"

using namespace posthouse;
using namespace posthouse::mailctl;

namespace {

constexpr const char* kSite = R"(
[[domain]]
name = "Mail.Test"
catch_all = "sales@mail.test"
[[domain]]
name = "bücher.example"
[[user]]
address = "Alice@mail.test"
password = "secret"
quota = "1GiB"
send_as = ["@bücher.example"]
administers = ["bücher.example"]
[[user]]
address = "bob@mail.test"
password_hash = "$6$rounds=1000$salt$f0n3BnHhXjtRmTGgnH.RUVPQmDRbO4PtSF5aLEzGA3DPCjJMcVtSYaQ8GjRYcCMAJGrHN2d36Lgvj6SHpCOr41"
[[user]]
address = "carol@mail.test"
[[shared]]
address = "info@mail.test"
members = ["alice@mail.test"]
[[group]]
address = "team@mail.test"
members = ["bob@mail.test", "info@mail.test"]
senders = "members"
[[alias]]
address = "sales@mail.test"
members = ["zz@mail.test"]
[[alias]]
address = "zz@mail.test"
members = ["team@mail.test", "x@elsewhere.example"]
)";

}  // namespace

TEST_CASE("a site is made as a file has it, once", "[mailctl][database]") {
  Office office;
  const std::string file = office.file("site.toml", kSite);
  const Result dry = office.mailctl("apply -f " + file + " --dry-run");
  CAPTURE(dry.output, office.complaint());
  CHECK(dry.status == 0);
  CHECK(dry.output.starts_with("domain.add mail.test\n"));
  CHECK(dry.output.ends_with(" changes to be made.\n"));
  CHECK(office.asJson("domain list").empty());

  const json made = office.asJson("apply -f " + file);
  CHECK(made["refused"] == 0);
  CHECK(made["made"] == made["changes"].size());
  CHECK(dry.output.contains(std::to_string(made["changes"].size()) + " changes to be made."));
  CHECK(office.asJson("apply -f - --prune", kSite)["changes"].empty());
  CHECK(office.asJson("user show alice@mail.test")["quota"]["limit_bytes"] == 1 << 30);
  CHECK(office.asJson("domain show mail.test")["catch_all"] == "sales@mail.test");
  CHECK(office.asJson("group show team@mail.test")["senders"] == "members");
  CHECK(office.asJson("send-as list alice@mail.test")["granted"] == json::array({"@xn--bcher-kva.example"}));
  CHECK(office.asJson("audit list")[0]["action"] == "domain.add");
}

TEST_CASE("what is exported leads back to where it was", "[mailctl][database]") {
  Office office;
  const std::string file = office.file("site.toml", kSite);
  REQUIRE(office.mailctl("apply -f " + file).status == 0);
  const std::string exported = office.mailctl("export").output;
  CHECK_FALSE(exported.contains("secret"));
  CHECK_FALSE(exported.contains("$6$"));
  const std::string before = office.file("before.toml", exported);
  CHECK(office.asJson("apply --prune -f " + before)["changes"].empty());

  for (const std::string change :
       {"user disable bob@mail.test", "quota set alice@mail.test unlimited",
        "member remove team@mail.test info@mail.test", "send-as add bob@mail.test @mail.test",
        "admin add bob@mail.test", "alias remove zz@mail.test x@elsewhere.example",
        "domain set mail.test catch-all=none", "domain add more.test", "alias add extra@mail.test bob@mail.test"})
    CHECK((change + office.complaint() + std::to_string(office.mailctl(change).status)).ends_with("0"));
  CHECK(office.asJson("apply --prune -f " + before)["made"] == 9);
  CHECK(office.mailctl("export").output == exported);
}

TEST_CASE("what is wrong with a file is told before anything is changed", "[mailctl][database]") {
  Office office;
  const std::string file =
      office.file("bad.toml",
                  "[[domain]]\nname = \"mail.test\"\n[[user]]\naddress = \"no address\"\n"
                  "[[alias]]\naddress = \"a@mail.test\"\nmembers = []\n[[user]]\naddress = \"b@mail.test\"\n"
                  "[[alias]]\naddress = \"B@mail.test\"\nmembers = [\"c@mail.test\"]\n");
  CHECK(office.mailctl("apply -f " + file).status != 0);
  CHECK(office.complaint().contains(file + ":3:1: \"no address\" is not an address"));
  CHECK(office.complaint().contains(file + ":5:1: a@mail.test needs at least one member"));
  CHECK(office.complaint().contains(file + ":10:1: b@mail.test stands there as two things"));
  CHECK(office.asJson("domain list").empty());
  CHECK(office.mailctl("apply -f - --prune", "").status != 0);
  CHECK(office.complaint().contains("to prune would remove every one"));
  CHECK(office.mailctl("apply -f -", "[[user]\n").status == 1);
  CHECK(office.mailctl("apply").status == 2);
  CHECK(office.mailctl("apply -f " + file + " --delete-mail").status == 2);
}

TEST_CASE("a change that is refused stops no other", "[mailctl][database]") {
  Office office;
  REQUIRE(office.mailctl("apply -f -", kSite).status == 0);
  const Result partly =
      office.mailctl("apply -f -",
                     "[[user]]\naddress = \"x@nowhere.test\"\n[[user]]\naddress = \"dave@mail.test\"\n"
                     "[[alias]]\naddress = \"l1@mail.test\"\nmembers = [\"l2@mail.test\"]\n"
                     "[[alias]]\naddress = \"l2@mail.test\"\nmembers = [\"l1@mail.test\"]\n");
  CHECK(partly.status == 5);
  CHECK(partly.output.contains("user.add dave@mail.test"));
  CHECK(office.complaint().contains("user.add x@nowhere.test"));
  CHECK(office.mailctl("user show dave@mail.test").status == 0);
}

TEST_CASE("an administrator of domains applies to what is in them", "[mailctl][database]") {
  Office office;
  REQUIRE(office.mailctl("apply -f -", kSite).status == 0);
  const std::string theirs = office.mailctl("--as alice@mail.test export").output;
  CHECK(theirs.contains("xn--bcher-kva.example"));
  CHECK_FALSE(theirs.contains("bob@mail.test"));
  CHECK(office.asJson("--as alice@mail.test apply -f -", "[[user]]\naddress = \"eve@bücher.example\"\n")["made"] == 1);
  CHECK(office.mailctl("--as alice@mail.test apply -f -", "[[user]]\naddress = \"eve@mail.test\"\n").status == 1);
  CHECK(office.mailctl("user show eve@mail.test").status == 3);
}
