#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "store/blob_store.h"
#include "store/flags.h"
#include "store/queue_id.h"
#include "store/uid_set.h"

using namespace posthouse;
using namespace posthouse::store;

TEST_CASE("a set of UIDs joins what touches", "[store]") {
  UidSet set;
  set.add(Uid{5}, Uid{7});
  set.add(Uid{1});
  set.add(Uid{3});
  CHECK(set.toMultirange() == "{[1,2),[3,4),[5,8)}");
  set.add(Uid{2});
  CHECK(set.toMultirange() == "{[1,4),[5,8)}");
  set.add(Uid{4});
  CHECK(set.toMultirange() == "{[1,8)}");
  CHECK(set.count() == 7);
  set.add(Uid{100}, Uid{200});
  set.add(Uid{6}, Uid{150});
  CHECK(set.toMultirange() == "{[1,201)}");
  CHECK(UidSet::fromMultirange(UidSet::all().toMultirange()) == UidSet::all());
  CHECK(UidSet::fromMultirange("{}").empty());
  CHECK(UidSet::fromMultirange("").empty());  // NULL: an aggregate over no rows
}

TEST_CASE("a multirange is taken whole, or refused", "[store]") {
  const std::string text = GENERATE(as<std::string>(), "{[1,x)}", "{", "{[1,2)", "{[1,2),}", "{[1,2)}x", "{[1;2)}",
                                    "{[1,2]}", "{(1,2)}", "{[1,)}", "{[0,2)}", "{[2,2)}", "{[5,4294967298)}");
  CAPTURE(text);
  CHECK_THROWS_AS(UidSet::fromMultirange(text), std::invalid_argument);
}

TEST_CASE("a set of UIDs holds what was put into it", "[store]") {
  std::minstd_rand random(1);
  for (int round = 0; round < 200; ++round) {
    UidSet set;
    std::set<Uid> model;
    for (int i = 0; i < 20; ++i) {
      const unsigned first = random() % 60 + 1;
      const unsigned last = first + random() % 4;
      set.add(Uid{first}, Uid{last});
      for (unsigned uid = first; uid <= last; ++uid) model.insert(Uid{uid});
    }
    REQUIRE(set.uids() == std::vector<Uid>(model.begin(), model.end()));
    REQUIRE(set.count() == model.size());
    REQUIRE(UidSet::fromMultirange(set.toMultirange()) == set);
    for (unsigned uid = 1; uid < 70; ++uid) REQUIRE(set.contains(Uid{uid}) == model.contains(Uid{uid}));
  }
}

TEST_CASE("long work is cut into slices", "[store]") {
  std::vector<Uid> uids;
  for (unsigned uid = 2; uid <= 12; uid += 2) uids.push_back(Uid{uid});
  const auto cut = slices(uids, 4);
  REQUIRE(cut.size() == 2);
  CHECK(cut[0] == UidSet{Uid{2}, Uid{4}, Uid{6}, Uid{8}});
  CHECK(cut[1] == UidSet{Uid{10}, Uid{12}});
  CHECK(slices({}).empty());
}

TEST_CASE("flags have names in any case", "[store]") {
  CHECK(flagNamed("\\SEEN") == Flag::seen);
  CHECK(flagNamed("$junk") == Flag::junk);
  CHECK_FALSE(flagNamed("\\Recent"));
  const KeywordDictionary dictionary({"Work", "Home"});
  CHECK(dictionary.mask("HOME") == 2);
  CHECK_FALSE(dictionary.mask("other"));
  CHECK(dictionary.names(Flags(Flag::draft) | Flags(0, 1)) == std::vector<std::string_view>{"\\Draft", "Work"});
  CHECK(dictionary.knows(3));
  CHECK_FALSE(dictionary.knows(4));
}

TEST_CASE("a queue id is thirteen letters, and they lead back to it", "[store]") {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{1}, std::int64_t{31}, std::int64_t{32},
                                   std::int64_t{0x7FFFFFFFFFFFFFFF}, std::int64_t{-1}}) {
    const std::string text = toText(QueueId{value});
    CAPTURE(value, text);
    CHECK(text.size() == 13);
    CHECK(parseQueueId(text) == QueueId{value});
  }
  CHECK(toText(QueueId{32}) == "0000000000010");
  CHECK(parseQueueId("ooooooooooolI") == QueueId{33});
  for (const char* bad : {"", "000000000001", "00000000000000", "G000000000000", "U000000000000", "00000000000-0"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseQueueId(bad));
  }
}

TEST_CASE("queue ids ascend, also when the clock does not", "[store]") {
  std::chrono::system_clock::time_point now{std::chrono::hours(500'000)};
  QueueIdMint mint([&now] { return now; });
  QueueId last = mint.next();
  for (int i = 0; i < 10'000; ++i) {
    if (i == 5'000) now -= std::chrono::hours(1);
    const QueueId next = mint.next();
    REQUIRE(next > last);
    last = next;
  }
}

TEST_CASE("queue ids of two processes differ though their clocks agree", "[store]") {
  std::chrono::system_clock::time_point now{std::chrono::hours(500'000)};
  QueueIdMint one([&now] { return now; }, 1);
  QueueIdMint other([&now] { return now; }, 0xFFFF);
  std::set<QueueId> seen;
  for (int i = 0; i < 1'000; ++i) {
    REQUIRE(seen.insert(one.next()).second);
    REQUIRE(seen.insert(other.next()).second);
  }
}

TEST_CASE("a body is compressed where that gains anything", "[store]") {
  std::string text;
  while (text.size() < 700'000) text += "The same line again and again.\r\n";
  std::string noise(700'000, '\0');
  std::minstd_rand random(1);
  for (char& c : noise) c = static_cast<char>(random() >> 8);

  CHECK(EncodedBlob::of(text).encoding == Encoding::zstd);
  CHECK(EncodedBlob::of(text).pieces() == 3);
  CHECK(EncodedBlob::of(std::string_view(text).substr(0, 5000)).pieces() == 1);
  CHECK(EncodedBlob::of(noise).encoding == Encoding::raw);
  CHECK(EncodedBlob::of(std::string_view(noise).substr(0, 5000)).encoding == Encoding::raw);
  CHECK(EncodedBlob::of("").pieces() == 1);
  CHECK(EncodedBlob::of("abc").id == BlobId::from(EncodedBlob::of("abc").id.view()));
}
