#include "ldap/settings.h"

#include <catch2/catch.hpp>

#include "config/configuration.h"

using namespace posthouse;
using namespace posthouse::accountd::ldap;
using namespace std::chrono_literals;

namespace {

constexpr const char* kNoEnvironment[] = {nullptr};

/// The directories, or the first error.
std::pair<std::vector<Settings>, std::string> read(const std::string& text) {
  auto configuration = config::Configuration::parse(text, "posthouse.toml", kNoEnvironment, {});
  config::Section accountd = configuration.section("accountd");
  std::vector<Settings> directories = readDirectories(accountd);
  return {std::move(directories), configuration.errors().empty() ? "" : configuration.errors().lines().front()};
}

std::string directory(const std::string& more) {
  return "[[accountd.ldap]]\nname = \"staff\"\ndomains = [\"Mail.TEST\"]\nbase = \"dc=x\"\n" + more;
}

const std::string kUrls = "urls = [\"ldaps://a\", \"ldap://b:3890\", \"ldapi://%2Frun%2Fldapi\"]\n";

}  // namespace

TEST_CASE("a directory needs a name, domains, servers and a base", "[accountd][ldap]") {
  const auto [directories, error] = read(directory(kUrls));
  CHECK(error.empty());
  REQUIRE(directories.size() == 1);
  const Settings& one = directories.front();
  CHECK(one.domains == std::vector<std::string>{"mail.test"});
  CHECK(one.urls.size() == 3);
  CHECK(one.startTls);
  CHECK(one.bindDn.empty());
  CHECK(one.userFilter.asFilter({"a", "mail.test"}) == "(mail=a@mail.test)");
  CHECK(one.timeout == 4s);
}

TEST_CASE("what is wrong with a directory is told with its place", "[accountd][ldap]") {
  const auto [text, error] = GENERATE(table<std::string, std::string>({
      {"[[accountd.ldap]]\nurls = [\"ldaps://a\"]\n", "posthouse.toml:1:1: error: accountd.ldap.name: is required"},
      {directory(""), "accountd.ldap.urls: is required"},
      {directory("urls = [\"http://a\"]\n"), "posthouse.toml:5:8: error: accountd.ldap.urls: \"http://a\""},
      {directory("urls = [\"a\"]\n"), "is not an LDAP URL"},
      {directory("urls = [\"ldaps://a/dc=x\"]\n"), "names more than a server"},
      {directory(kUrls + "bind_dn = \"cn=x\"\n"), "bind_password go together"},
      {directory(kUrls + "bind_password = \"x\"\n"), "bind_password go together"},
      {directory(kUrls + "user_filter = \"(mail=%u)\"\n"), "knows only %{address}"},
      {directory(kUrls + "user_filter = \"(mail=alice)\"\n"), "the same for every address"},
      {directory(kUrls + "user_filter = \"mail=%{address}\"\n"),
       "posthouse.toml:6:15: error: accountd.ldap.user_filter: is not a filter as in RFC 4515: expected '(' at "
       "character 1"},
      {directory(kUrls + "alias_filter = \"(mail=%{address}\"\n"), "expected ')'"},
      {directory(kUrls + "enabled_filter = \"(x\"\n"), "accountd.ldap.enabled_filter"},
      {directory(kUrls + "scope = \"all\"\n"), "is none of: sub, one, base"},
      {directory(kUrls + "address_attribute = \"m ail\"\n"), "is not the name of an attribute"},
      {directory(kUrls + "quota_unit = \"0\"\n"), "must be between 1B and 1TiB"},
      {directory(kUrls + "ca_file = \"/nowhere/ca.pem\"\n"), "there is no file"},
      {directory(kUrls + "timeout = \"1ms\"\n"), "must be between 100ms and 60s"},
      {directory(kUrls + "connections = 0\n"), "is not between 1 and 64"},
      {directory(kUrls + "user_fliter = \"\"\n"), "did you mean user_filter?"},
      {directory(kUrls) + directory(kUrls), "another directory has it"},
      {directory(kUrls) + "[[accountd.ldap]]\nname = \"b\"\nbase = \"\"\ndomains = [\"mail.test\"]\n" + kUrls,
       "mail.test is served twice"},
  }));
  CAPTURE(text);
  CHECK_THAT(read(text).second, Catch::Contains(error));
}
