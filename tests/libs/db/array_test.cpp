#include "db/array.h"

#include <catch2/catch.hpp>

#include "number_table.h"

using namespace posthouse;
using namespace std::string_view_literals;
using Fixture = test::NumberTable;

TEST_CASE("arrays are read as they are", "[db]") {
  Fixture fixture;
  fixture.loop.runUntilDone(fixture.database.query([](db::Transaction& transaction) {
    const auto rows = transaction.exec(
        "SELECT ARRAY[1, -2, 3000000000], ARRAY[7, -7]::smallint[], ARRAY[1, -1], '{}'::int[], ARRAY['', 'a,b', "
        "E'\\n']");
    CHECK(db::readArray<std::int64_t>(rows[0].view(0)) == std::vector<std::int64_t>{1, -2, 3'000'000'000});
    CHECK(db::readArray<std::int16_t>(rows[0].view(1)) == std::vector<std::int16_t>{7, -7});
    CHECK(db::readArray<int>(rows[0].view(2)) == std::vector<int>{1, -1});
    CHECK(db::readArray<int>(rows[0].view(3)).empty());
    CHECK(db::readArray<std::string>(rows[0].view(4)) == std::vector<std::string>{"", "a,b", "\n"});
  }));
}

TEST_CASE("what is no array that can be read is told from one", "[db]") {
  Fixture fixture;
  fixture.loop.runUntilDone(fixture.database.query([](db::Transaction& transaction) {
    const auto rows = transaction.exec(
        "SELECT ARRAY[1, NULL], ARRAY[[1], [2]], 'text', NULL::int[], ARRAY['more than eight octets']");
    for (int column = 0; column < 5; ++column) {
      CAPTURE(column);
      CHECK_THROWS_AS(db::readArray<int>(rows[0].view(column)), std::logic_error);
    }
    const auto good = transaction.exec("SELECT ARRAY[1, 2]");
    const std::string_view whole = good[0].view(0);
    for (std::size_t length = 0; length < whole.size(); ++length)
      CHECK_THROWS_AS(db::readArray<int>(whole.substr(0, length)), std::logic_error);
  }));
  const auto many = "\0\0\0\1\0\0\0\0\0\0\0\x17\x7f\xff\xff\xff\0\0\0\1\0\0\0\4\0\0\0\1"sv;
  CHECK_THROWS_AS(db::readArray<int>(many), std::logic_error);
}
