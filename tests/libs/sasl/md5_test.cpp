#include <catch2/catch.hpp>

#include "base/base64.h"
#include "crypto/digest.h"
#include "crypto/hash.h"
#include "sasl/apop.h"
#include "sasl/cram_md5.h"
#include "sasl/timestamp.h"

using namespace posthouse;
using namespace posthouse::sasl;
using namespace std::string_literals;

namespace {

constexpr std::string_view kDigest = "b913a602c7eda7a495b4e6e7334d3890";

}  // namespace

TEST_CASE("a timestamp is a message's id of something unguessable, the clock and the host", "[sasl]") {
  const std::chrono::sys_seconds now{std::chrono::seconds{697170952}};
  CHECK(timestamp("1896", now, "postoffice.reston.mci.net") == "<1896.697170952@postoffice.reston.mci.net>");
}

TEST_CASE("CRAM-MD5 speaks the example of RFC 2195", "[sasl]") {
  const auto challenge = base64::decode("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+");
  REQUIRE(challenge);
  const auto response = parseCramMd5(*base64::decode("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"));
  REQUIRE(response);
  CHECK(*response == CramMd5Response{"tim", std::string(kDigest)});
  CHECK(verifyCramMd5(*challenge, *response, "tanstaaftanstaaf"));
  CHECK_FALSE(verifyCramMd5(*challenge, *response, "tanstaaftanstaag"));
  CHECK_FALSE(verifyCramMd5(*challenge, *response, ""));
  CHECK_FALSE(verifyCramMd5("<1896.697170953@postoffice.reston.mci.net>", *response, "tanstaaftanstaaf"));
}

TEST_CASE("CRAM-MD5 and APOP: an empty secret is nobody's", "[sasl]") {
  const std::string challenge = "<1896.697170952@postoffice.reston.mci.net>";
  CHECK_FALSE(verifyCramMd5(challenge, {"tim", crypto::hex(crypto::hmac(crypto::Hash::md5, "", challenge))}, ""));
  CHECK_FALSE(verifyApop(challenge, crypto::hex(crypto::digest(crypto::Hash::md5, challenge)), ""));
}

TEST_CASE("CRAM-MD5: a name may hold spaces, a digest may not", "[sasl]") {
  const auto [name, isName] = GENERATE(table<std::string, bool>({
      {"tim", true},
      {"tim tom", true},
      {"tim ", true},
      {"\xC3\xA9", true},
      {"", false},
      {"\xFF", false},
      {"t\0m"s, false},
      {std::string(CramMd5Response::kMaxSize - 33, 'x'), true},
      {std::string(CramMd5Response::kMaxSize - 32, 'x'), false},
  }));
  CAPTURE(name);
  const auto response = parseCramMd5(name + " " + std::string(kDigest));
  REQUIRE(response.has_value() == isName);
  if (isName) CHECK(response->name == name);
}

TEST_CASE("CRAM-MD5: a digest is 32 lower-case hexadecimal digits", "[sasl]") {
  const std::string digest = GENERATE(as<std::string>(), "", "b913a602c7eda7a495b4e6e7334d389",
                                      "b913a602c7eda7a495b4e6e7334d38900", "B913A602C7EDA7A495B4E6E7334D3890",
                                      "b913a602c7eda7a495b4e6e7334d389g", "b913a602c7eda7a495b4e6e7334d3890\n",
                                      "b913a602c7eda7a4 95b4e6e7334d3890", "0x13a602c7eda7a495b4e6e7334d3890");
  CAPTURE(digest);
  CHECK_FALSE(parseCramMd5("tim " + digest));
  CHECK_FALSE(parseCramMd5("tim" + digest));
}

TEST_CASE("APOP verifies the example of RFC 1939", "[sasl]") {
  const std::string greeted = "<1896.697170952@dbc.mtview.ca.us>";
  CHECK(verifyApop(greeted, "c4c9334bac560ecc979e58001b3e22fb", "tanstaaf"));
  CHECK_FALSE(verifyApop(greeted, "c4c9334bac560ecc979e58001b3e22fb", "tanstaag"));
  CHECK_FALSE(verifyApop(greeted, "c4c9334bac560ecc979e58001b3e22fb", ""));
  CHECK_FALSE(verifyApop("1896.697170952@dbc.mtview.ca.us", "c4c9334bac560ecc979e58001b3e22fb", "tanstaaf"));
}

TEST_CASE("APOP: a digest is 32 lower-case hexadecimal digits", "[sasl]") {
  const std::string digest = GENERATE(as<std::string>(), "", "c4c9334bac560ecc979e58001b3e22f",
                                      "c4c9334bac560ecc979e58001b3e22fb0", "C4C9334BAC560ECC979E58001B3E22FB",
                                      "c4c9334bac560ecc979e58001b3e22fb\n", "c4c9334bac560ecc979e58001b3e22fg");
  CAPTURE(digest);
  CHECK_FALSE(verifyApop("<1896.697170952@dbc.mtview.ca.us>", digest, "tanstaaf"));
}
