#include "imap/sequence_set.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::imap;

namespace {
NumberRanges parse(std::string_view text, std::uint32_t largest) {
  Cursor in(text);
  const SequenceSet set = sequenceSet(in);
  REQUIRE(in.atEnd());
  CHECK(toString(set) == text);
  return resolve(set, largest);
}
}  // namespace

TEST_CASE("a sequence set is resolved to ascending ranges", "[imap]") {
  CHECK(parse("1", 9) == NumberRanges{{1, 1}});
  CHECK(parse("2,4:7,9,12:*", 15) == NumberRanges{{2, 2}, {4, 7}, {9, 9}, {12, 15}});  // RFC 3501 §9
  CHECK(parse("*:4,5:7", 10) == NumberRanges{{4, 10}});                                // RFC 3501 §9
  CHECK(parse("7:3", 9) == NumberRanges{{3, 7}});
  CHECK(parse("559:*", 20) == NumberRanges{{20, 559}});  // RFC 3501 §6.4.8: always includes the last
  CHECK(parse("*", 0).empty());
  CHECK(parse("4294967295,1:4294967294", 1) == NumberRanges{{1, 4294967295}});
}

TEST_CASE("numbers that are none are refused", "[imap]") {
  for (const char* text : {"", "0", "01", "a", "1:", "1,", "4294967296", "-1"}) {
    CAPTURE(text);
    Cursor in(text);
    CHECK_THROWS_AS(sequenceSet(in), SyntaxError);
  }
}

TEST_CASE("the number of ranges is bounded", "[imap]") {
  std::string text = "1";
  for (std::size_t i = 0; i < kMaxSequenceRanges; ++i) text += ",1";
  Cursor in(text);
  CHECK_THROWS_AS(sequenceSet(in), SyntaxError);
}

TEST_CASE("membership and printing", "[imap]") {
  const NumberRanges ranges{{2, 3}, {7, 9}};
  CHECK(contains(ranges, 2));
  CHECK(contains(ranges, 9));
  CHECK_FALSE(contains(ranges, 1));
  CHECK_FALSE(contains(ranges, 5));
  CHECK_FALSE(contains(ranges, 10));
  CHECK(toUidSet({1, 2, 3, 5, 9, 10}) == "1:3,5,9:10");
  CHECK(toUidSet({}).empty());
}
