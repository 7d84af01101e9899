#include <catch2/catch.hpp>

#include "defence/policy.h"

using namespace posthouse::accountd;
using namespace std::chrono_literals;

namespace {

const DefenceRules kRules{};  // 3 free failures, 20 of an account, a ban after 10, 5 s at most, shared from 5 accounts

/// Failures, and who it is that comes.
Standing of(double network, double neighbourhood, double account, double pair) {
  return {.network = network, .neighbourhood = neighbourhood, .account = account, .pair = pair};
}
Standing home(Standing standing) {
  standing.isKnownHere = true;
  standing.accountsHere = 1;
  return standing;
}
Standing nearby(Standing standing) {
  standing.isKnownNearby = true;
  return standing;
}
Standing among(std::size_t accounts, Standing standing) {
  standing.accountsHere = accounts;
  return standing;
}
Standing nameless(Standing standing) {
  standing.isNameless = true;
  return standing;
}
Standing hidden(Standing standing) {
  standing.isHidden = true;
  return standing;
}

}  // namespace

TEST_CASE("how long a login waits for failures before it", "[accountd][defence]") {
  struct Row {
    Standing standing;
    std::chrono::milliseconds wait;
    Cause cause;
  };
  const auto row = GENERATE(values<Row>({
      {of(0, 0, 0, 0), 0ms, Cause::none},
      {of(2, 2, 2, 2), 0ms, Cause::none},
      // A network: half a second after the third, then twice as long each time.
      {of(3, 3, 1, 1), 500ms, Cause::network},
      {of(4, 4, 1, 1), 1s, Cause::network},
      {of(5, 5, 1, 1), 2s, Cause::network},
      {of(6, 6, 1, 1), 4s, Cause::network},
      {of(7, 7, 1, 1), 5s, Cause::network},
      {of(1e9, 7, 1, 1), 5s, Cause::network},
      {of(2.9, 3, 1, 1), 500ms, Cause::network},  // what faded while it waited
      // What is around it may fail four times as often.
      {of(1, 11, 1, 1), 0ms, Cause::none},
      {of(1, 12, 1, 1), 500ms, Cause::neighbourhood},
      {of(1, 28, 1, 1), 5s, Cause::neighbourhood},
      // An account that many guess at from everywhere: who does not know it waits, its owner at home does not.
      {of(1, 1, 19, 1), 0ms, Cause::none},
      {of(1, 1, 20, 1), 500ms, Cause::account},
      {of(1, 1, 1e9, 1), 5s, Cause::account},
      {home(of(1, 1, 1e9, 1)), 0ms, Cause::none},
      {nearby(of(1, 1, 1e9, 1)), 0ms, Cause::none},
      // At home it waits for its own failures only, and not so soon.
      {home(of(1e9, 1e9, 1e9, 14)), 0ms, Cause::none},
      {home(of(1e9, 1e9, 1e9, 15)), 500ms, Cause::pair},
      {nearby(of(5, 40, 0, 0)), 2s, Cause::network},
      {nearby(of(1, 40, 0, 0)), 0ms, Cause::none},
      // Where many log in, more of them mistype.
      {among(9, of(29, 29, 0, 0)), 0ms, Cause::none},
      {among(9, of(30, 30, 0, 0)), 500ms, Cause::network},
      {among(1'000, of(60, 60, 0, 0)), 500ms, Cause::network},
      {among(9, of(5, 5, 5, 5)), 2s, Cause::pair},
      // Who says no name may be any of those at home there, and fails as often as all of them.
      {nameless(of(2, 2, 0, 3)), 500ms, Cause::pair},
      {nameless(home(of(1e9, 1e9, 0, 14))), 0ms, Cause::none},
      {nameless(home(of(1e9, 1e9, 0, 15))), 500ms, Cause::pair},
      {nameless(among(10, home(of(1e9, 1e9, 0, 149)))), 0ms, Cause::none},
      {nameless(among(10, home(of(1e9, 1e9, 0, 150)))), 500ms, Cause::pair},
      {nameless(among(1'000, home(of(1e9, 1e9, 0, 300)))), 500ms, Cause::pair},
      // An address that hides everybody says nothing; the account still does.
      {hidden(of(1e9, 1e9, 0, 1e9)), 0ms, Cause::none},
      {hidden(home(of(1e9, 1e9, 1e9, 1e9))), 5s, Cause::account},
  }));
  const Delay delay = delayFor(row.standing, kRules);
  const Standing& s = row.standing;
  CAPTURE(s.network, s.neighbourhood, s.account, s.pair, s.isKnownHere, s.isKnownNearby, s.accountsHere, s.isHidden,
          s.isNameless);
  CHECK(delay.wait == row.wait);
  CHECK(delay.cause == row.cause);
}

TEST_CASE("what is banned after a failure", "[accountd][defence]") {
  struct Row {
    Standing standing;
    bool network;
    bool neighbourhood;
    bool pair;
  };
  const auto row = GENERATE(values<Row>({
      {of(9, 39, 1e9, 9), false, false, false},
      {of(10, 10, 1, 1), true, false, false},
      {of(10, 10, 10, 10), true, false, true},
      {of(9, 40, 1, 1), false, true, false},
      {of(1, 1, 1e9, 1), false, false, false},  // an account never is: anybody could lock out its owner
      {home(of(19, 19, 19, 19)), false, false, false},
      {home(of(50, 50, 50, 50)), true, false, true},
      {among(4, of(49, 49, 0, 0)), false, false, false},
      {among(4, of(50, 50, 0, 0)), true, false, false},
      {among(5, of(1e9, 1e9, 0, 0)), false, false, false},  // many behind one address: never whole
      {among(5, of(1e9, 1e9, 10, 10)), false, false, true},
      {nameless(home(of(10, 10, 0, 49))), false, false, false},
      {nameless(home(of(10, 10, 0, 50))), false, false, true},
      {nameless(among(10, home(of(1e9, 1e9, 0, 499)))), false, false, false},
      {nameless(among(10, home(of(1e9, 1e9, 0, 500)))), false, false, true},
      {hidden(of(1e9, 1e9, 1e9, 1e9)), false, false, false},
  }));
  const DueBans due = bansFor(row.standing, kRules);
  const Standing& s = row.standing;
  CAPTURE(s.network, s.neighbourhood, s.account, s.pair, s.isKnownHere, s.accountsHere, s.isHidden, s.isNameless);
  CHECK(due.network == row.network);
  CHECK(due.neighbourhood == row.neighbourhood);
  CHECK(due.pair == row.pair);
}

TEST_CASE("each ban in a row lasts twice as long, up to the longest", "[accountd][defence]") {
  const auto [times, length] = GENERATE(table<int, std::chrono::milliseconds>(
      {{0, 15min}, {1, 15min}, {2, 30min}, {3, 1h}, {7, 16h}, {8, 24h}, {1'000'000, 24h}}));
  CHECK(banTime(times, kRules) == length);
}
