#include "resolve.h"

#include <catch2/catch.hpp>

#include "services/accountd/fake_address_book.h"

using namespace posthouse::accountd;
using Result = Resolution::Result;

namespace {

FakeAddressBook offices() {
  FakeAddressBook book;
  book.domains.insert("xn--bcher-kva.example");
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
      {"abuse@mail.test", Result::noSuchAddress},  // only by an alias
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
