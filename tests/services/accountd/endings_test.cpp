#include "sessions/endings.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;

namespace {

constexpr store::AccountId kAlice{1};
constexpr store::AccountId kBob{2};
const Endings::Time kNow{1'000h};

store::SessionEnding ending(std::int64_t number, store::AccountId account, Endings::Time at = kNow) {
  return {.number = number, .account = account, .session = "", .reason = store::EndReason::loggedOut, .at = at};
}

std::vector<std::int64_t> numbers(const std::vector<store::SessionEnding>& endings) {
  std::vector<std::int64_t> found;
  for (const auto& one : endings) found.push_back(one.number);
  return found;
}

}  // namespace

TEST_CASE("what becomes visible late is found, and nothing twice", "[accountd]") {
  Endings endings;
  CHECK(numbers(endings.observe({ending(3, kAlice), ending(5, kBob)})) == std::vector<std::int64_t>{3, 5});
  // 4 was drawn before 5 and committed after it; the rest is read again because of it.
  CHECK(numbers(endings.observe({ending(5, kBob), ending(4, kAlice)})) == std::vector<std::int64_t>{4});
  CHECK(endings.observe({ending(3, kAlice), ending(4, kAlice), ending(5, kBob)}).empty());
}

TEST_CASE("a login is later than what had been read when it began, and than nothing else", "[accountd]") {
  Endings endings;
  const std::uint64_t atFirst = endings.moment();
  endings.observe({ending(3, kAlice)});
  const std::uint64_t then = endings.moment();
  endings.observe({ending(4, kAlice), ending(9, kBob)});
  const std::uint64_t now = endings.moment();
  CHECK(endings.latestOf(kAlice, atFirst) == 0);
  CHECK(endings.latestOf(kAlice, then) == 3);
  CHECK(endings.latestOf(kAlice, now) == 4);
  CHECK(endings.latestOf(kBob, then) == 0);
  CHECK(endings.latestOf(kBob, now) == 9);
  CHECK(endings.latestOf(store::AccountId{3}, now) == 0);
}

TEST_CASE("old endings are forgotten", "[accountd]") {
  Endings endings;
  endings.observe({ending(1, kAlice, kNow - 2h), ending(2, kAlice), ending(3, kBob, kNow - 2h)});
  endings.forgetBefore(kNow - 1h);
  CHECK(endings.latestOf(kAlice, endings.moment()) == 2);
  CHECK(endings.latestOf(kBob, endings.moment()) == 0);
  CHECK(numbers(endings.observe({ending(2, kAlice), ending(3, kBob)})) == std::vector<std::int64_t>{3});
}

TEST_CASE("a server that took over may draw a number again", "[accountd]") {
  Endings endings;
  endings.observe({ending(56, kAlice), ending(57, kAlice)});
  CHECK(numbers(endings.observe({ending(57, kBob, kNow + 1s)})) == std::vector<std::int64_t>{57});
  CHECK(endings.latestOf(kAlice, endings.moment()) == 56);
  CHECK(endings.latestOf(kBob, endings.moment()) == 57);
  CHECK(endings.observe({ending(57, kBob, kNow + 1s)}).empty());
  const std::uint64_t then = endings.moment();
  CHECK(numbers(endings.observe({ending(57, kBob, kNow + 2s)})) == std::vector<std::int64_t>{57});
  CHECK(endings.latestOf(kBob, then) == 0);
  CHECK(endings.latestOf(kBob, endings.moment()) == 57);
  CHECK(numbers(endings.observe({ending(56, kBob, kNow + 3s)})) == std::vector<std::int64_t>{56});
  CHECK(endings.latestOf(kAlice, endings.moment()) == 0);
  endings.forgetBefore(kNow + 1h);
  CHECK(endings.latestOf(kBob, endings.moment()) == 0);
}
