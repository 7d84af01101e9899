// [accountd] mechanisms: which are offered, and what they need beside.
#include <catch2/catch.hpp>

#include "config.h"
#include "config/configuration.h"

using namespace posthouse;
using namespace posthouse::accountd;

namespace {

using Names = std::vector<std::string>;

const std::string kKey = "sealing_keys = \"" + std::string(43, 'A') + "=\"\n";
const std::string kAnonymousAccount = "anonymous_account = \"Archive@Mail.TEST\"\n";
const Names kUsual{"SCRAM-SHA-256", "SCRAM-SHA-1", "EXTERNAL", "PLAIN", "LOGIN"};

config::Configuration parsed(const std::string& keys) {
  const char* const noEnvironment[] = {nullptr};
  return config::Configuration::parse("[accountd]\n" + keys, "test.toml", noEnvironment, {});
}

/// What is offered where [accountd] says this; throws what is wrong with it.
Config configured(const std::string& keys) {
  config::Configuration configuration = parsed(keys);
  config::Section section = configuration.section("accountd");
  Config config = Config::from(section, "mx.mail.test");
  section.rejectUnread();
  configuration.check();
  return config;
}

}  // namespace

TEST_CASE("what is offered unless the configuration says otherwise is nothing that needs more", "[accountd]") {
  CHECK(configured("").mechanisms == kUsual);
  CHECK(configured(kKey).mechanisms == kUsual);
}

TEST_CASE("CRAM-MD5 is offered by who asks for it and has a key", "[accountd]") {
  CHECK(configured("mechanisms = [\"cram-md5\"]\n" + kKey).mechanisms == Names{"CRAM-MD5"});
  CHECK_THROWS_WITH(configured("mechanisms = [\"PLAIN\", \"CRAM-MD5\"]\n"),
                    Catch::Contains("accountd.mechanisms") && Catch::Contains("set sealing_keys"));
}

TEST_CASE("ANONYMOUS is offered by who names an account for it", "[accountd]") {
  Names all = kUsual;
  all.emplace_back("ANONYMOUS");
  const Config config = configured(kAnonymousAccount);
  CHECK(config.mechanisms == all);
  CHECK(config.anonymousAccount == "archive@mail.test");
  CHECK(configured("mechanisms = [\"PLAIN\"]\n" + kAnonymousAccount).mechanisms == Names{"PLAIN"});
  CHECK(configured("mechanisms = [\"ANONYMOUS\"]\n" + kAnonymousAccount).mechanisms == Names{"ANONYMOUS"});
  CHECK_THROWS_WITH(configured("mechanisms = [\"ANONYMOUS\"]\n"), Catch::Contains("set anonymous_account"));
  CHECK_THROWS_WITH(configured("anonymous_account = \"nobody\"\n"), Catch::Contains("is not an address"));
}
