#include "maildrop.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::pop3d;
using store::Uid;

TEST_CASE("a message is called as its old server called it, or by its UID", "[pop3d]") {
  Snapshot snapshot;
  snapshot.uidValidity = 1700000000;
  for (const std::uint32_t uid : {2U, 3U, 5U, 9U}) snapshot.messages.push_back({Uid{uid}, 10});
  // Of messages that are gone, too: those are forgotten later.
  snapshot.uniqueIds = {{Uid{1}, "gone"}, {Uid{3}, "000000075f5e1000"}, {Uid{4}, "gone, too"}, {Uid{9}, "UID7-16"}};
  const Maildrop maildrop({}, snapshot);
  CHECK(maildrop.uniqueId(pop3::MessageNumber{1}) == "1700000000.2");
  CHECK(maildrop.uniqueId(pop3::MessageNumber{2}) == "000000075f5e1000");
  CHECK(maildrop.uniqueId(pop3::MessageNumber{3}) == "1700000000.5");
  CHECK(maildrop.uniqueId(pop3::MessageNumber{4}) == "UID7-16");
}
