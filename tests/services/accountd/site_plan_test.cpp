#include <catch2/catch.hpp>

#include "site/plan.h"

using namespace posthouse::accountd;
using posthouse::store::AccountKind;

namespace {

using Lines = std::vector<std::string>;

Lines lines(const Site& actual, const Site& wanted, const PlanOptions& options = {}) {
  Lines lines;
  for (const Step& step : plan(actual, wanted, options)) {
    std::string line = step.action + ' ' + step.object;
    if (!step.what.empty()) line += ": " + step.what;
    if (step.refusal) line += " REFUSED: " + step.refusal->text;
    lines.push_back(line);
    CHECK((step.user || step.perform));
  }
  return lines;
}

Site small() {
  Site site;
  site.domains["mail.test"] = {
      .catchAll = "", .separators = "+", .defaultQuotaBytes = 0, .maxUsers = 0, .maxAliases = 0};
  site.users["alice@mail.test"] = {.enabled = true, .quotaBytes = 0, .sendAs = Names{}, .administers = Names{}};
  site.users["bob@mail.test"] = {
      .enabled = true, .quotaBytes = 0, .sendAs = Names{}, .administers = Names{}, .messages = 3};
  site.groups["team@mail.test"] = {.members = Names{"alice@mail.test"}, .membersOnly = false};
  site.aliases["sales@mail.test"] = {"alice@mail.test"};
  return site;
}

}  // namespace

TEST_CASE("from nothing everything is made, each after what it needs", "[accountd]") {
  Site wanted;
  wanted.domains["mail.test"] = {.catchAll = "sales@mail.test", .maxUsers = 10, .twoFactorsRequired = true};
  wanted.users["alice@mail.test"] = {
      .sendAs = Names{"sales@mail.test"}, .administers = Names{"", "mail.test"}, .password = "secret"};
  wanted.users["bob@mail.test"] = {.enabled = false, .quotaBytes = 1024};
  wanted.groups["all@mail.test"] = {.members = Names{"alice@mail.test", "info@mail.test"}};
  wanted.groups["info@mail.test"] = {.kind = AccountKind::shared, .members = Names{"bob@mail.test"}};
  wanted.aliases["a@mail.test"] = {"sales@mail.test"};
  wanted.aliases["sales@mail.test"] = {"all@mail.test", "x@elsewhere.example"};
  CHECK(lines({}, wanted) == Lines{
                                 "domain.add mail.test",
                                 "domain.set mail.test: max_users 0 -> 10, two_factors_required false -> true",
                                 "user.add alice@mail.test",
                                 "user.add bob@mail.test: without a password",
                                 "user.disable bob@mail.test",
                                 "group.add info@mail.test: members bob@mail.test",
                                 "group.add all@mail.test: members alice@mail.test, info@mail.test",
                                 "alias.add sales@mail.test: all@mail.test, x@elsewhere.example",
                                 "alias.add a@mail.test: sales@mail.test",
                                 "send-as.add alice@mail.test: sales@mail.test",
                                 "admin.add alice@mail.test: everything",
                                 "admin.add alice@mail.test: mail.test",
                                 "domain.set mail.test: catch_all \"\" -> \"sales@mail.test\"",
                             });
}

TEST_CASE("what is so already is not touched, nor what is not said", "[accountd]") {
  CHECK(lines(small(), small()).empty());
  CHECK(lines(small(), small(), {.prune = true}).empty());
  Site wanted;
  wanted.domains["mail.test"] = {};
  wanted.users["alice@mail.test"] = {.password = "another"};
  wanted.groups["team@mail.test"] = {};
  CHECK(lines(small(), wanted).empty());
}

TEST_CASE("what is different is changed, and members are added before others leave", "[accountd]") {
  Site wanted = small();
  wanted.domains["mail.test"] = {.separators = "", .defaultQuotaBytes = 5};
  wanted.users["alice@mail.test"] = {.enabled = false, .quotaBytes = 7};
  wanted.groups["team@mail.test"] = {.members = Names{"bob@mail.test"}, .membersOnly = true};
  wanted.aliases["sales@mail.test"] = {"bob@mail.test"};
  CHECK(lines(small(), wanted) == Lines{
                                      "domain.set mail.test: separators \"+\" -> \"\", default_quota_bytes 0 -> 5",
                                      "user.disable alice@mail.test",
                                      "quota.set alice@mail.test: quota_bytes 0 -> 7",
                                      "group.set team@mail.test: members_only false -> true",
                                      "member.add team@mail.test: bob@mail.test",
                                      "member.remove team@mail.test: alice@mail.test",
                                      "alias.add sales@mail.test: bob@mail.test",
                                      "alias.remove sales@mail.test: alice@mail.test",
                                  });
}

TEST_CASE("pruning spares mail unless it is told not to", "[accountd]") {
  Site wanted;
  wanted.domains["new.test"] = {};
  const Lines rest{"user.remove alice@mail.test"};
  CHECK(lines(small(), wanted) == Lines{"domain.add new.test"});
  CHECK(
      lines(small(), wanted, {.prune = true}) ==
      Lines{"domain.add new.test", "alias.remove sales@mail.test", "group.remove team@mail.test",
            "user.remove alice@mail.test",
            "user.remove bob@mail.test: with 3 messages REFUSED: bob@mail.test holds 3 messages; --delete-mail removes "
            "them, too",
            "domain.remove mail.test"});
  CHECK(lines(small(), wanted, {.prune = true, .deleteMail = true})[4] == "user.remove bob@mail.test: with 3 messages");
}

TEST_CASE("a name that is something else is freed by pruning only", "[accountd]") {
  Site wanted = small();
  wanted.aliases.erase("sales@mail.test");
  wanted.users["sales@mail.test"] = {};
  wanted.groups["team@mail.test"].kind = AccountKind::shared;
  CHECK(lines(small(), wanted) ==
        Lines{"alias.remove sales@mail.test REFUSED: sales@mail.test is something else now; --prune removes it first",
              "group.remove team@mail.test REFUSED: team@mail.test is something else now; --prune removes it first",
              "user.add sales@mail.test: without a password", "group.add team@mail.test: members alice@mail.test"});
  CHECK(lines(small(), wanted, {.prune = true}) == Lines{"alias.remove sales@mail.test", "group.remove team@mail.test",
                                                         "user.add sales@mail.test: without a password",
                                                         "group.add team@mail.test: members alice@mail.test"});
}

TEST_CASE("aliases in a circle are left to whoever refuses them", "[accountd]") {
  Site wanted;
  wanted.aliases["a@mail.test"] = {"b@mail.test"};
  wanted.aliases["b@mail.test"] = {"a@mail.test"};
  CHECK(lines({}, wanted) == Lines{"alias.add b@mail.test: a@mail.test", "alias.add a@mail.test: b@mail.test"});
}
