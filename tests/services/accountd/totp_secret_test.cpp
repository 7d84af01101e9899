#include "logins/totp_secret.h"

#include <catch2/catch.hpp>

#include "base/base64.h"
#include "crypto/one_time_code.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;

namespace {

const std::string kSecret = "12345678901234567890";  // of RFC 6238, appendix B
const std::chrono::system_clock::time_point kThen(1111111109s);

crypto::SealingKeys keysOf(const std::string& keys) {
  return *crypto::SealingKeys::parse(keys);
}
const std::string kOld = base64::encode(std::string(32, 'o'));
const std::string kNew = base64::encode(std::string(32, 'n'));

std::string codeAt(std::chrono::system_clock::time_point time) {
  return crypto::oneTimeCode(kSecret, static_cast<std::uint64_t>(crypto::timeStep(time)));
}

}  // namespace

TEST_CASE("a code is good for its step and those beside it, and younger than the last", "[accountd]") {
  const crypto::SealingKeys keys = keysOf(kOld);
  store::Totp totp{sealTotp(keys, kSecret, "alice@mail.test"), true, 0};
  const auto prove = [&](const std::string& code) { return proveTotp(keys, totp, "alice@mail.test", code, kThen); };
  const std::int64_t present = crypto::timeStep(kThen);
  CHECK(prove("081804")->step == present);  // the last six digits of 07081804
  CHECK(prove("081 804")->step == present);
  CHECK(prove(codeAt(kThen - 30s))->step == present - 1);
  CHECK(prove(codeAt(kThen + 30s))->step == present + 1);
  CHECK_FALSE(prove(codeAt(kThen - 60s)));
  CHECK_FALSE(prove(codeAt(kThen + 60s)));
  for (const char* wrong : {"", "081805", "81804", "0081804", "07081804", "o81804"}) CHECK_FALSE(prove(wrong));

  totp.lastStep = present;
  CHECK_FALSE(prove(codeAt(kThen)));
  CHECK_FALSE(prove(codeAt(kThen - 30s)));
  CHECK(prove(codeAt(kThen + 30s)));
}

TEST_CASE("a secret is of use for its account alone, and moves to a new key with its next code", "[accountd]") {
  const crypto::SealingKeys old = keysOf(kOld);
  const crypto::SealingKeys both = keysOf(kNew + " " + kOld);
  store::Totp totp{sealTotp(old, kSecret, "alice@mail.test"), true, 0};
  CHECK_THROWS_AS(proveTotp(old, totp, "bob@mail.test", codeAt(kThen), kThen), std::runtime_error);
  CHECK_THROWS_AS(proveTotp(keysOf(kNew), totp, "alice@mail.test", codeAt(kThen), kThen), std::runtime_error);
  CHECK(proveTotp(old, totp, "alice@mail.test", codeAt(kThen), kThen)->sealed == totp.secret);
  totp.secret = proveTotp(both, totp, "alice@mail.test", codeAt(kThen), kThen)->sealed;
  CHECK(proveTotp(keysOf(kNew), totp, "alice@mail.test", codeAt(kThen), kThen));
}
