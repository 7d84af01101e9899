#include "command_line.h"

#include <catch2/catch.hpp>
#include <iterator>
#include <sstream>

using namespace posthouse::mailctl;

namespace {

Invocation parse(const std::string& line) {
  std::istringstream in(line);
  const std::vector<std::string> words{std::istream_iterator<std::string>(in), {}};
  return parseCommandLine(words, verbs());
}

std::string complaint(const std::string& line) {
  try {
    parse(line);
  } catch (const Failure& failure) {
    CHECK(failure.code == ExitCode::usage);
    return failure.what();
  }
  FAIL(line << " was understood");
  return {};
}

}  // namespace

TEST_CASE("a command line names a verb and what it works on", "[mailctl]") {
  const Invocation add = parse("user add carol@mail.test --password-stdin --quota 1GiB");
  REQUIRE(add.verb != nullptr);
  CHECK(add.verb->command() == "user add");
  CHECK(add.arguments.positional == std::vector<std::string>{"carol@mail.test"});
  CHECK(add.arguments.has("password-stdin"));
  CHECK(add.arguments.option("quota") == "1GiB");
  CHECK(parse("user add carol@mail.test --quota=1GiB").arguments.option("quota") == "1GiB");
  CHECK(parse("alias add a@mail.test b@mail.test c@mail.test").arguments.positional.size() == 3);
  CHECK(parse("doctor").verb->command() == "doctor");
  const Invocation principal = parse("user principal -o json add a@mail.test a@EXAMPLE.TEST");
  CHECK(principal.verb->command() == "user principal add");
  CHECK(principal.arguments.positional == std::vector<std::string>{"a@mail.test", "a@EXAMPLE.TEST"});
  CHECK(parse("user certificate list carol@mail.test").verb->command() == "user certificate list");
  CHECK(parse("reload all").arguments.positional == std::vector<std::string>{"all"});
  CHECK(parse("user import -").arguments.positional == std::vector<std::string>{"-"});
  CHECK(parse("user show -- -odd@mail.test").arguments.positional == std::vector<std::string>{"-odd@mail.test"});
}

TEST_CASE("a verb may have several words, and an option several values", "[mailctl]") {
  const Invocation add =
      parse("user app-password add a@mail.test --protocol imap --label x --protocol pop3 -o json --label y");
  CHECK(add.verb->command() == "user app-password add");
  CHECK(add.arguments.positional == std::vector<std::string>{"a@mail.test"});
  CHECK(add.arguments.all("protocol") == std::vector<std::string>{"imap", "pop3"});
  CHECK(add.arguments.option("label") == "y");
  CHECK(add.arguments.all("network").empty());
  CHECK(parse("user totp confirm a@mail.test 123456").arguments.positional.back() == "123456");
}

TEST_CASE("options of every command stand anywhere", "[mailctl]") {
  const std::string line =
      GENERATE(as<std::string>{}, "--config /x.toml -o json domain list", "domain --config=/x.toml list -o json",
               "domain list --output=json --config /x.toml");
  const Invocation invocation = parse(line);
  CHECK(invocation.config == "/x.toml");
  CHECK(invocation.format == Format::json);
  CHECK(invocation.verb->command() == "domain list");
  const Invocation set = parse("domain list --set log.level=debug --set a.b=c=d");
  CHECK(set.overrides == std::vector<std::pair<std::string, std::string>>{{"log.level", "debug"}, {"a.b", "c=d"}});
}

TEST_CASE("what is wrong with a command line is said", "[mailctl]") {
  const auto [line, said] = GENERATE(table<std::string, std::string>({
      {"", "mailctl administers Posthouse"},
      {"no-such-noun", "there is no \"no-such-noun\""},
      {"user", "user add ADDRESS"},
      {"user ad x", "\"user\" has no \"ad\""},
      {"user principal", "user principal add ADDRESS"},
      {"user principal ad x", "\"user\" has no \"principal ad\""},
      {"user certificate", "user certificate add ADDRESS"},
      {"user certificate lose x", "\"user\" has no \"certificate lose\""},
      {"user app-password", "user app-password add ADDRESS"},
      {"user app-password ad x", "\"user\" has no \"app-password ad\""},
      {"user app-pass add x", "\"user\" has no \"app-pass\""},
      {"user app-password add a@b", "wants --label"},
      {"user add", "usage: mailctl user add ADDRESS"},
      {"user add a@b c@d", "\"c@d\" is too much"},
      {"user add a@b --password secret", "mailctl user add has no option --password"},
      {"user add a@b --quota", "--quota wants a value"},
      {"user add a@b --password-stdin=secret", "--password-stdin takes no value"},
      {"domain list -o xml", "-o wants json or table"},
      {"--quota 5 user list", "mailctl has no option --quota"},
      {"domain list --set x", "--set wants section.key=value"},
      {"alias add a@mail.test", "usage: mailctl alias add ADDRESS MEMBER"},
      {"health", "wants --local"},
  }));
  CAPTURE(line);
  CHECK_THAT(complaint(line), Catch::Contains(said));
}

TEST_CASE("help is shown for everything, a noun and a verb", "[mailctl]") {
  CHECK_THAT(*parse("--help").help, Catch::Contains("quota set ADDRESS SIZE"));
  CHECK_THAT(*parse("quota --help").help, Catch::Contains("quota get ADDRESS") && !Catch::Contains("user add"));
  CHECK_THAT(*parse("user add -h").help, Catch::Contains("--quota SIZE"));
  CHECK_THAT(*parse("doctor --help").help, Catch::Contains("Status 6"));
  CHECK(parse("--version").version);
}

TEST_CASE("every verb is there once, with a line and work to do", "[mailctl]") {
  for (const Verb& verb : verbs()) {
    CAPTURE(verb.command());
    CHECK_FALSE(verb.summary.empty());
    CHECK(verb.run != nullptr);
    CHECK(verb.least <= verb.most);
    CHECK(std::ranges::count_if(verbs(), [&](const Verb& other) { return other.command() == verb.command(); }) == 1);
  }
}
