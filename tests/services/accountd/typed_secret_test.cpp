#include "logins/typed_secret.h"

#include <catch2/catch.hpp>
#include <set>

using namespace posthouse;
using namespace posthouse::accountd;

TEST_CASE("a secret is read as it was shown, however it is typed", "[accountd]") {
  const auto [typed, meant] = GENERATE(table<std::string, std::optional<std::string>>({
      {"7ksd-q0fm-x2hv-91e4", "7ksdq0fmx2hv91e4"},
      {"7ksdq0fmx2hv91e4", "7ksdq0fmx2hv91e4"},
      {"  7KSD Q0FM X2HV 91E4 ", "7ksdq0fmx2hv91e4"},
      {"7ksd-qofm-x2hv-9le4", "7ksdq0fmx2hv91e4"},
      {"7ksd-qOfm-x2hv-9Ie4", "7ksdq0fmx2hv91e4"},
      {"7ksd-q0fm-x2hv-91e", std::nullopt},
      {"7ksd-q0fm-x2hv-91e44", std::nullopt},
      {"7ksd-q0fm-x2hv-91eu", std::nullopt},
      {"7ksd_q0fm_x2hv_91e4", std::nullopt},
      {"7ksd-q0fm-x2hv-91e\xc3\xa9", std::nullopt},
      {"", std::nullopt},
  }));
  CAPTURE(typed);
  CHECK(readTypedSecret(typed, 16) == meant);
}

TEST_CASE("secrets are made of all of their characters, and read back", "[accountd]") {
  std::set<char> seen;
  std::set<std::string> made;
  for (int i = 0; i < 100; ++i) {
    const std::string secret = makeTypedSecret(kAppPasswordSize);
    CHECK(secret.size() == kAppPasswordSize);
    CHECK(readTypedSecret(inGroups(secret), kAppPasswordSize) == secret);
    seen.insert(secret.begin(), secret.end());
    made.insert(secret);
  }
  CHECK(made.size() == 100);
  CHECK(seen.size() == 32);  // each of them 80 bits at least: 16 times 5
  static_assert(kRecoveryCodeSize * 5 >= 80 && kAppPasswordSize * 5 >= 80);
  CHECK(inGroups("abcdefgh") == "abcd-efgh");
}

TEST_CASE("one secret of two accounts, or for two purposes, is stored differently", "[accountd]") {
  const std::string digest = digestOf(kAppPassword, 1, "secret");
  CHECK(digest.size() == 32);
  CHECK(digestOf(kAppPassword, 1, "secret") == digest);
  CHECK(digestOf(kAppPassword, 2, "secret") != digest);
  CHECK(digestOf(kRecoveryCode, 1, "secret") != digest);
  CHECK(digestOf(kAppPassword, 1, "secreT") != digest);
}
