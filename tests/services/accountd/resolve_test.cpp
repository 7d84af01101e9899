#include "directory/resolve.h"

#include <catch2/catch.hpp>

#include "services/accountd/fake_address_book.h"

using namespace posthouse::accountd;
using Result = Resolution::Result;

namespace {

FakeAddressBook offices() {
  FakeAddressBook book;
  book.domains["xn--bcher-kva.example"] = {};
  book.accounts = {
      {"alice@mail.test", 1}, {"bob@mail.test", 2}, {"c+d@mail.test", 3}, {"eva@xn--bcher-kva.example", 4}};
  book.aliases = {
      {"sales@mail.test", {"bob@mail.test", "alice@mail.test", "partner@elsewhere.example"}},
      {"all@mail.test", {"sales@mail.test", "bob@mail.test", "eva@xn--bcher-kva.example", "partner@elsewhere.example"}},
      {"postmaster@mail.test", {"alice+postmaster@mail.test"}},
      {"egg@mail.test", {"hen@mail.test"}},
      {"hen@mail.test", {"egg@mail.test"}},
      {"team@mail.test", {"team@mail.test", "bob@mail.test"}},
      {"gone@mail.test", {"nobody@mail.test"}},
      {"partly@mail.test", {"nobody@mail.test", "bob@mail.test"}},
  };
  return book;
}

Resolution ask(const std::string& address) {
  FakeAddressBook book = offices();
  return resolve(book, address);
}

std::string shown(const Resolution& resolution) {
  std::string text;
  for (const ResolvedAccount& account : resolution.accounts)
    text += std::to_string(account.id) + "=" + account.address + " ";
  for (const std::string& remote : resolution.remoteAddresses) text += remote + " ";
  return text;
}

}  // namespace

TEST_CASE("an address resolves to the accounts behind it", "[accountd]") {
  const auto [address, who] = GENERATE(table<std::string, std::string>({
      {"alice@mail.test", "1=alice@mail.test "},
      {"ALICE@Mail.Test", "1=alice@mail.test "},
      {"alice+lists@mail.test", "1=alice@mail.test "},
      {"c+d@mail.test", "3=c+d@mail.test "},  // the whole name comes first
      {"eva@bücher.example", "4=eva@xn--bcher-kva.example "},
      {"sales@mail.test", "1=alice@mail.test 2=bob@mail.test partner@elsewhere.example "},
      {"sales+q3@mail.test", "1=alice@mail.test 2=bob@mail.test partner@elsewhere.example "},
      {"all@mail.test", "1=alice@mail.test 2=bob@mail.test 4=eva@xn--bcher-kva.example partner@elsewhere.example "},
      {"postmaster@mail.test", "1=alice@mail.test "},  // RFC 2142
      {"team@mail.test", "2=bob@mail.test "},
      {"partly@mail.test", "2=bob@mail.test "},
  }));
  CAPTURE(address);
  const Resolution resolution = ask(address);
  CHECK(resolution.result == Result::found);
  CHECK(shown(resolution) == who);
}

TEST_CASE("an address with nobody behind it says why", "[accountd]") {
  const auto [address, result] = GENERATE(table<std::string, Result>({
      {"nobody@mail.test", Result::noSuchAddress},
      {"nobody+alice@mail.test", Result::noSuchAddress},
      {"abuse@mail.test", Result::noSuchAddress},  // without anybody to fall to
      {"gone@mail.test", Result::noSuchAddress},
      {"alice@elsewhere.example", Result::notLocal},
      {"alice@sub.mail.test", Result::notLocal},
      {"alice@[127.0.0.1]", Result::notLocal},
      {"a..b@[127.0.0.1]", Result::notLocal},
      {"alice", Result::notLocal},
      {"", Result::notLocal},
      {"a..b@mail.test", Result::noSuchAddress},
      {std::string(65, 'a') + "@mail.test", Result::noSuchAddress},
      {"egg@mail.test", Result::loop},
      {"egg+x@mail.test", Result::loop},
  }));
  CAPTURE(address);
  const Resolution resolution = ask(address);
  CHECK(resolution.result == result);
  CHECK(shown(resolution).empty());
}

TEST_CASE("a domain's catch-all gets what is for nobody", "[accountd]") {
  FakeAddressBook book = offices();
  book.domains["mail.test"].catchAll = "sales@mail.test";
  book.domains["remote.test"].catchAll = "all@elsewhere.example";
  book.domains["gone.test"].catchAll = "info@gone.test";
  book.domains["one.test"].catchAll = "nobody@other.test";
  book.domains["other.test"].catchAll = "nobody@one.test";
  const std::string sales = "1=alice@mail.test 2=bob@mail.test partner@elsewhere.example ";
  const auto [address, result, who] = GENERATE_REF(table<std::string, Result, std::string>({
      {"nobody@mail.test", Result::found, sales},
      {"nobody+detail@mail.test", Result::found, sales},
      {"gone@mail.test", Result::found, sales},  // an alias whose member is gone
      {"bob@mail.test", Result::found, "2=bob@mail.test "},
      {"bob+detail@mail.test", Result::found, "2=bob@mail.test "},
      {"x@remote.test", Result::found, "all@elsewhere.example "},
      {"x@gone.test", Result::noSuchAddress, ""},
      {"info@gone.test", Result::noSuchAddress, ""},
      {"info+x@gone.test", Result::noSuchAddress, ""},
      {"x@one.test", Result::loop, ""},
      {"nobody@xn--bcher-kva.example", Result::noSuchAddress, ""},
  }));
  CAPTURE(address);
  const Resolution resolution = resolve(book, address);
  CHECK(resolution.result == result);
  CHECK(shown(resolution) == who);
  CHECK_FALSE(isSomebody(book, *parseAddress("nobody@mail.test")));
  CHECK(isSomebody(book, *parseAddress("all+x@mail.test")));
}

TEST_CASE("postmaster and abuse reach somebody, whatever names there are", "[accountd]") {
  FakeAddressBook book = offices();
  book.domains["mail.test"].catchAll = "bob@mail.test";
  book.domains["empty.test"] = {.separators = "+", .catchAll = "bob@mail.test"};
  book.keepers = {{"mail.test", {"c+d@mail.test", "chief@elsewhere.example"}},
                  {"", {"postmaster@empty.test", "postmaster@mail.test"}}};
  const auto [address, who] = GENERATE(table<std::string, std::string>({
      {"postmaster@mail.test", "1=alice@mail.test "},  // by its alias
      {"abuse@mail.test", "3=c+d@mail.test chief@elsewhere.example "},
      {"Abuse+x@mail.test", "3=c+d@mail.test chief@elsewhere.example "},
      {"webmaster@mail.test", "2=bob@mail.test "},
      {"postmaster@empty.test", "2=bob@mail.test "},  // only the catch-all is left
  }));
  CAPTURE(address);
  CHECK(shown(resolve(book, address)) == who);
  CHECK(shown(resolvePostmaster(book)) == "1=alice@mail.test 2=bob@mail.test ");
  book.keepers.clear();
  CHECK(resolvePostmaster(book).result == Result::noSuchAddress);
}

TEST_CASE("a group is its members", "[accountd]") {
  FakeAddressBook book = offices();
  book.domains["mail.test"].catchAll = "alice@mail.test";
  book.accounts["staff@mail.test"] = 10;
  book.accounts["board@mail.test"] = 11;
  book.accounts["empty@mail.test"] = 12;
  book.groups = {{10, {{{1, "alice@mail.test"}, {2, "bob@mail.test"}}, false}},
                 {11, {{{2, "bob@mail.test"}, {3, "c+d@mail.test"}}, true}},
                 {12, {{}, true}}};
  book.aliases["both@mail.test"] = {"staff@mail.test", "board@mail.test"};
  CHECK(shown(resolve(book, "staff+x@mail.test")) == "1=alice@mail.test 2=bob@mail.test ");
  CHECK_FALSE(resolve(book, "staff@mail.test").membersOnly);
  const Resolution board = resolve(book, "board@mail.test");
  CHECK(shown(board) == "2=bob@mail.test 3=c+d@mail.test ");
  CHECK(board.membersOnly);
  CHECK(board.permittedSenders == std::vector<std::int64_t>{2, 3});
  const Resolution both = resolve(book, "both@mail.test");  // an alias is no way around
  CHECK(both.accounts.size() == 3);
  CHECK(both.permittedSenders == std::vector<std::int64_t>{2, 3});
  CHECK(resolve(book, "empty@mail.test").result == Result::noSuchAddress);
  book.groups[10].membersOnly = true;
  CHECK(resolve(book, "both@mail.test").permittedSenders == std::vector<std::int64_t>{2});
}

TEST_CASE("an account sends from what leads to it, and from what was granted", "[accountd]") {
  FakeAddressBook book = offices();
  book.domains["mail.test"].catchAll = "alice@mail.test";
  book.keepers = {{"mail.test", {"alice@mail.test"}}};
  book.accounts["info@mail.test"] = 10;
  book.accounts["staff@mail.test"] = 11;
  book.shared = {{10, {{1, "alice@mail.test"}}}};
  book.groups = {{11, {{{1, "alice@mail.test"}, {2, "bob@mail.test"}}, true}}};
  book.aliases["contact@mail.test"] = {"info@mail.test"};
  book.grants = {{1, "eva@xn--bcher-kva.example"}, {1, "@granted.example"}, {1, "chief@else.example"}};
  const auto [address, may] = GENERATE(table<std::string, bool>({
      {"Alice@mail.test", true},       {"alice+shop@mail.test", true},
      {"sales@mail.test", true},  // an alias for several
      {"all+x@mail.test", true},       {"info@mail.test", true},
      {"info+x@mail.test", true},      {"contact@mail.test", true},
      {"staff@mail.test", true},       {"eva@bücher.example", true},
      {"eva+x@bücher.example", true},  {"anybody@granted.example", true},
      {"chief@else.example", true},    {"bob@mail.test", false},
      {"egg@mail.test", false},        {"gone@mail.test", false},
      {"nobody@mail.test", false},  // although the catch-all is hers
      {"abuse@mail.test", false},      {"other@else.example", false},
      {"chief+x@else.example", false},
  }));
  CAPTURE(address);
  CHECK(maySendAs(book, 1, *parseAddress(address)) == may);
}

TEST_CASE("a domain chooses what separates a user from a detail", "[accountd]") {
  FakeAddressBook book = offices();
  const auto found = [&](const std::string& separators, const std::string& address) {
    book.domains["mail.test"].separators = separators;
    return resolve(book, address).result == Result::found;
  };
  CHECK(found("-", "alice-x@mail.test"));
  CHECK_FALSE(found("-", "alice+x@mail.test"));
  CHECK(found("+-", "alice+x-y@mail.test"));
  CHECK(found("+-", "alice-x+y@mail.test"));
  CHECK_FALSE(found("", "alice+x@mail.test"));
  CHECK(found("", "c+d@mail.test"));
}

TEST_CASE("a chain of aliases ends, however long and wide", "[accountd]") {
  FakeAddressBook book;
  book.accounts["end@mail.test"] = 7;
  for (int i = 0; i < 1000; ++i)
    book.aliases["a" + std::to_string(i) + "@mail.test"] = {"a" + std::to_string(i + 1) + "@mail.test", "a0@mail.test"};
  book.aliases["a1000@mail.test"] = {"end@mail.test"};
  CHECK(shown(resolve(book, *parseAddress("a0@mail.test"))) == "7=end@mail.test ");

  book.aliases["wide@mail.test"] = std::vector<std::string>(20'000, "wide@mail.test");
  CHECK(resolve(book, *parseAddress("wide@mail.test")).result == Result::loop);
}

TEST_CASE("a member that leads back to its alias is seen before it is stored", "[accountd]") {
  FakeAddressBook book = offices();
  const auto loops = [&](const std::string& from, const std::string& member) {
    return wouldLoop(book, *parseAddress(from), *parseAddress(member));
  };
  CHECK(loops("sales@mail.test", "sales@mail.test"));
  CHECK(loops("sales@mail.test", "sales+x@mail.test"));
  CHECK(loops("sales@mail.test", "all@mail.test"));
  CHECK_FALSE(loops("sales@mail.test", "bob@mail.test"));
  CHECK_FALSE(loops("new@mail.test", "all@mail.test"));
  CHECK_FALSE(loops("new@mail.test", "x@elsewhere.example"));
}
