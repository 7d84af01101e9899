#include "crypto/one_time_code.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::crypto;
using namespace std::chrono_literals;

TEST_CASE("HOTP gives the codes of RFC 4226, appendix D", "[crypto]") {
  const auto [counter, code] = GENERATE(table<std::uint64_t, std::string>({{0, "755224"},
                                                                           {1, "287082"},
                                                                           {2, "359152"},
                                                                           {3, "969429"},
                                                                           {4, "338314"},
                                                                           {5, "254676"},
                                                                           {6, "287922"},
                                                                           {7, "162583"},
                                                                           {8, "399871"},
                                                                           {9, "520489"}}));
  CHECK(oneTimeCode("12345678901234567890", counter) == code);
}

TEST_CASE("TOTP gives the codes of RFC 6238, appendix B", "[crypto]") {
  const auto [time, hash, code] = GENERATE(table<std::int64_t, Hash, std::string>({
      {59, Hash::sha1, "94287082"},
      {59, Hash::sha256, "46119246"},
      {59, Hash::sha512, "90693936"},
      {1111111109, Hash::sha1, "07081804"},
      {1111111109, Hash::sha256, "68084774"},
      {1111111109, Hash::sha512, "25091201"},
      {1111111111, Hash::sha1, "14050471"},
      {1111111111, Hash::sha256, "67062674"},
      {1111111111, Hash::sha512, "99943326"},
      {1234567890, Hash::sha1, "89005924"},
      {1234567890, Hash::sha256, "91819424"},
      {1234567890, Hash::sha512, "93441116"},
      {2000000000, Hash::sha1, "69279037"},
      {2000000000, Hash::sha256, "90698825"},
      {2000000000, Hash::sha512, "38618901"},
      {20000000000, Hash::sha1, "65353130"},
      {20000000000, Hash::sha256, "77737706"},
      {20000000000, Hash::sha512, "47863826"},
  }));
  CAPTURE(time);
  // The keys are as long as their hash's digest (erratum 2866).
  std::string key;
  while (key.size() < digestSize(hash)) key += "1234567890";
  key.resize(digestSize(hash));
  const auto step = static_cast<std::uint64_t>(time / kTimeStep.count());  // the last is past system_clock's end
  CHECK(oneTimeCode(key, step, 8, hash) == code);
}

TEST_CASE("a step lasts 30 seconds", "[crypto]") {
  const std::chrono::system_clock::time_point epoch;
  CHECK(timeStep(epoch) == 0);
  CHECK(timeStep(epoch + 29999ms) == 0);
  CHECK(timeStep(epoch + 30s) == 1);
  CHECK(timeStep(epoch + 59s) == 1);
}
