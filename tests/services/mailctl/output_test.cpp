#include "output.h"

#include <catch2/catch.hpp>

#include "exit_code.h"
#include "sizes.h"

using namespace posthouse::mailctl;

TEST_CASE("sizes are read and shown with their unit", "[mailctl]") {
  CHECK(parseQuota("1GiB") == 1'073'741'824);
  CHECK(parseQuota("500MB") == 500'000'000);
  CHECK(parseQuota("0") == 0);
  CHECK(parseQuota("unlimited") == 0);
  CHECK_THROWS_AS(parseQuota("12"), Failure);  // twelve what?
  CHECK_THROWS_AS(parseQuota("-1GiB"), Failure);
  CHECK_THROWS_AS(parseQuota("99999999TiB"), Failure);
  CHECK(humanBytes(0) == "0 B");
  CHECK(humanBytes(1023) == "1023 B");
  CHECK(humanBytes(1'073'741'824) == "1 GiB");
  CHECK(humanBytes(1'610'612'736) == "1.5 GiB");
  CHECK(showQuota(0) == "unlimited");
}

TEST_CASE("times are shown in UTC", "[mailctl]") {
  CHECK(humanTime(0) == "-");
  CHECK(humanTime(1'795'383'792) == "2026-11-22 21:43:12Z");
}
