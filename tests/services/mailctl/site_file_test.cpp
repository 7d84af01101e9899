#include "site_file.h"

#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>

#include "exit_code.h"

using namespace posthouse::mailctl;
namespace admin = mail::admin::v1;

namespace {

const std::string kWhole = R"([[domain]]
name = "mail.test"
catch_all = ""
separators = "+-"
default_quota = "1GiB"
max_users = 10
max_aliases = 0
two_factors = "required"

[[user]]
address = "alice@mail.test"
enabled = true
quota = "unlimited"
send_as = ["@mail.test", "x@y.example"]
administers = ["*"]

[[user]]
address = "zo\"e\\@mail.test"
enabled = false
quota = "1000001B"
send_as = []
administers = []

[[shared]]
address = "info@mail.test"
members = ["alice@mail.test"]
quota = "512MiB"

[[group]]
address = "team@mail.test"
members = ["alice@mail.test", "info@mail.test"]
senders = "members"

[[alias]]
address = "sales@mail.test"
members = ["team@mail.test"]
)";

std::string complaint(const std::string& text) {
  try {
    readSiteFile(text, "site.toml");
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a file is read as it was written", "[mailctl]") {
  const auto entries = readSiteFile(kWhole, "site.toml");
  REQUIRE(entries.size() == 6);
  CHECK(siteFile(entries) == kWhole);
  CHECK(entries[1].place() == "site.toml:10:1");
  CHECK(entries[1].user().quota_bytes() == 0);
  CHECK(entries[1].user().administers().names(0) == "*");
  CHECK(entries[2].user().has_send_as());
  CHECK(entries[3].group().shared());
}

TEST_CASE("what is not said is not read as a default", "[mailctl]") {
  const auto entries =
      readSiteFile("[[domain]]\nname = \"a.test\"\n[[user]]\naddress = \"x@a.test\"\npassword = \"p\"\n", "x");
  REQUIRE(entries.size() == 2);
  CHECK_FALSE(entries[0].domain().has_separators());
  CHECK_FALSE(entries[0].domain().has_max_users());
  CHECK_FALSE(entries[1].user().has_enabled());
  CHECK_FALSE(entries[1].user().has_quota_bytes());
  CHECK_FALSE(entries[1].user().has_send_as());
  CHECK(entries[1].user().password() == "p");
}

TEST_CASE("everything that is wrong with a file is told with its place", "[mailctl]") {
  CHECK(complaint("[[user]]\nadress = \"a@b\"\nquota = \"much\"\n[[usr]]\n[[alias]]\naddress = 1\nmembers = \"x\"\n") ==
        "site.toml:1:1: error: user.address: is required\n"
        "site.toml:3:9: error: user.quota: \"much\" is not a size: write 500MiB, 1GiB, or unlimited\n"
        "site.toml:2:10: error: user.adress: unknown key; did you mean address?\n"
        "site.toml:6:11: error: alias.address: expected text in quotes\n"
        "site.toml:7:11: error: alias.members: expected a list\n"
        "site.toml:4:1: error: usr: unknown key; did you mean user?");
  CHECK(complaint("[[user]\n").starts_with("site.toml:1:"));
  CHECK(complaint("[user]\naddress = \"a@b.test\"\n").contains("expected tables ([[...]])"));
}
