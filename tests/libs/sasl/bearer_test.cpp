#include <catch2/catch.hpp>

#include "base/base64.h"
#include "sasl/oauthbearer.h"
#include "sasl/xoauth2.h"

using namespace posthouse;
using namespace posthouse::sasl;
using namespace std::string_literals;

namespace {

/// A transcript's words: "^A" is %x01, and "^@" is NUL.
std::string octets(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("^A")) {
      result += '\x01';
      ++i;
    } else if (text.substr(i).starts_with("^@")) {
      result += '\0';
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

TEST_CASE("OAUTHBEARER reads the examples of RFC 7628", "[sasl]") {
  const auto imap = base64::decode(
      "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyI"
      "HZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB");
  REQUIRE(imap);
  CHECK(parseOauthBearer(*imap) == OauthBearerResponse{"user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
                                                       "server.example.com", 143, ""});
  const auto smtp = base64::decode(
      "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHZGOWRmd"
      "DRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB");
  REQUIRE(smtp);
  CHECK(parseOauthBearer(*smtp)->port == 587);
}

TEST_CASE("OAUTHBEARER: who shows no token is told what would do, and answers", "[sasl]") {
  const auto asked =
      base64::decode("bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9AQE=");
  REQUIRE(asked);
  CHECK(parseOauthBearer(*asked) == OauthBearerResponse{"user@example.com", "", "server.example.com", 143, ""});
  const std::string challenge = errorChallenge(OauthBearerError{
      .status = "invalid_token",
      .scope = "example_scope",
      .openidConfiguration = "https://example.com/.well-known/openid-configuration",
  });
  CHECK(base64::encode(challenge) ==
        "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxl"
        "X3Njb3BlIiwib3BlbmlkLWNvbmZpZ3VyYXRpb24iOiJodHRwczovL2V4"
        "YW1wbGUuY29tLy53ZWxsLWtub3duL29wZW5pZC1jb25maWd1cmF0aW9u"
        "In0=");
  CHECK(isOauthBearerErrorAnswer(*base64::decode("AQ==")));
  CHECK_FALSE(isOauthBearerErrorAnswer(""));
  CHECK_FALSE(isOauthBearerErrorAnswer("\x01\x01"));
}

TEST_CASE("OAUTHBEARER: the header of RFC 7628's example 4.4 is none by its own grammar", "[sasl]") {
  const auto smtp = base64::decode(
      "bix1c2VyPXNvbWV1c2VyQGV4YW1wbGUuY29tLAFhdXRoPUJlYXJl"
      "ciB2RjlkZnQ0cW1UYzJOdmIzUmxja0JoZEhSaGRtbHpkR0V1WTI5dENnPT0BAQ==");
  REQUIRE(smtp);
  CHECK(smtp->starts_with("n,user=someuser@example.com,\x01"));
  CHECK_FALSE(parseOauthBearer(*smtp));
}

TEST_CASE("OAUTHBEARER: a message is read", "[sasl]") {
  const auto [message, response] = GENERATE(table<std::string, OauthBearerResponse>({
      {"n,,^Aauth=Bearer t^A^A", {"", "t", "", std::nullopt, ""}},
      {"y,,^Aauth=Bearer t^A^A", {"", "t", "", std::nullopt, ""}},
      {"n,a=a=2Cb=3D\xC3\xA9,^Aauth=bEARER   a-._~+/Z9==^A^A", {"a,b=\xC3\xA9", "a-._~+/Z9==", "", std::nullopt, ""}},
      // in any order, with keys that nobody knows, and values of all that a value may hold
      {"n,,^Ax=y=z^Aqs=a=b&c=d^Aauth=Bearer t^Apath=/^Aport=65535^Ahost=h\t \r\n^Amthd=GET^Apost=^A^A",
       {"", "t", "h\t \r\n", 65535, "a=b&c=d"}},
      {"n,,^Ax=1^Ax=2^Aauth=Bearer t^A^A", {"", "t", "", std::nullopt, ""}},
  }));
  CAPTURE(message);
  CHECK(parseOauthBearer(octets(message)) == response);
}

TEST_CASE("OAUTHBEARER: what is no message is refused", "[sasl]") {
  const std::string message = GENERATE(
      as<std::string>(),  //
      "", "^A", "^A^A", "n", "n,,", "n,,^A", "n,,^A^A", "n,,auth=Bearer t^A^A",
      // ends too early, or too late
      "n,,^Aauth=Bearer t", "n,,^Aauth=Bearer t^A", "n,,^Aauth=Bearer t^A^A^A", "n,,^Aauth=Bearer t^A^Ahost=x^A^A",
      "n,,^Aauth=Bearer t^A^A\n",
      // no header
      "^Aauth=Bearer t^A^A", "x,,^Aauth=Bearer t^A^A", "N,,^Aauth=Bearer t^A^A", "p=tls-exporter,,^Aauth=Bearer t^A^A",
      "n,a=,^Aauth=Bearer t^A^A", "n,a=a=b,^Aauth=Bearer t^A^A", "n,a=\xFF,^Aauth=Bearer t^A^A",
      "n,a=a^@b,^Aauth=Bearer t^A^A", "F,n,,^Aauth=Bearer t^A^A",
      // no pairs
      "n,,^Ahost=x^A^A", "n,,^Aauth^A^A", "n,,^A=x^Aauth=Bearer t^A^A", "n,,^Ak1=x^Aauth=Bearer t^A^A",
      "n,,^Ax=^@^Aauth=Bearer t^A^A", "n,,^Ax=\xC3\xA9^Aauth=Bearer t^A^A",
      // said twice
      "n,,^Aauth=Bearer t^Aauth=Bearer u^A^A", "n,,^Aauth=^Aauth=Bearer u^A^A",
      "n,,^Ahost=x^Ahost=y^Aauth=Bearer t^A^A", "n,,^Aport=1^Aport=1^Aauth=^A^A",
      // no port
      "n,,^Aport=^Aauth=Bearer t^A^A", "n,,^Aport=0^Aauth=Bearer t^A^A", "n,,^Aport=0143^Aauth=Bearer t^A^A",
      "n,,^Aport=65536^Aauth=Bearer t^A^A", "n,,^Aport=-1^Aauth=Bearer t^A^A", "n,,^Aport=143x^Aauth=Bearer t^A^A",
      // no token
      "n,,^Aauth=Bearer^A^A", "n,,^Aauth=Bearer ^A^A", "n,,^Aauth=Bearert^A^A", "n,,^Aauth= Bearer t^A^A",
      "n,,^Aauth=Bearer\tt^A^A", "n,,^Aauth=Bearer =^A^A", "n,,^Aauth=Bearer t=t^A^A", "n,,^Aauth=Bearer t ^A^A",
      "n,,^Aauth=Bearer t,u^A^A", "n,,^Aauth=Bearer t\r\n^A^A", "n,,^Aauth=Basic dDp0^A^A",
      "n,,^Aauth=OAuth realm=\"Example\"^A^A", "n,,^AAUTH=Bearer t^A^A");
  CAPTURE(message);
  CHECK(parseOauthBearer(octets(message)) == std::unexpected(Malformed{"not a message of OAUTHBEARER"}));
}

TEST_CASE("OAUTHBEARER: a token may be large, but not without end", "[sasl]") {
  const auto message = [](std::size_t size) {
    return octets("n,,^Aauth=Bearer ") + std::string(size, 't') + octets("^A^A");
  };
  CHECK(parseOauthBearer(message(OauthBearerResponse::kMaxSize - 18))->token.size() == 16366);
  CHECK_FALSE(parseOauthBearer(message(OauthBearerResponse::kMaxSize - 17)));
}

TEST_CASE("an error challenge is JSON, whatever it says", "[sasl]") {
  CHECK(errorChallenge(OauthBearerError{}) == R"({"status":"invalid_token"})");
  CHECK(errorChallenge(OauthBearerError{.status = "a\"b\\c\n\x7F\xC3\xA9", .scope = "", .openidConfiguration = ""}) ==
        "{\"status\":\"a\\\"b\\\\c\\u000a\\u007f\xC3\xA9\"}");
}

TEST_CASE("XOAUTH2 reads the example of its description", "[sasl]") {
  const auto message = base64::decode(
      "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0"
      "Q2cBAQ==");
  REQUIRE(message);
  CHECK(parseXoauth2(*message) ==
        Xoauth2Response{"someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"});
}

TEST_CASE("XOAUTH2: a bad token is answered as its description says", "[sasl]") {
  CHECK(base64::encode(
            errorChallenge(Xoauth2Error{.status = "401", .schemes = "bearer", .scope = "https://mail.google.com/"})) ==
        "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==");
  CHECK(errorChallenge(Xoauth2Error{}) == R"({"status":"401","schemes":"bearer"})");
  CHECK(isXoauth2ErrorAnswer(""));
  CHECK(isXoauth2ErrorAnswer("\x01"));
  CHECK_FALSE(isXoauth2ErrorAnswer("x"));
}

TEST_CASE("XOAUTH2: what is no message is refused", "[sasl]") {
  const std::string message =
      GENERATE(as<std::string>(),  //
               "", "^A", "user=", "user=x", "user=x^A", "user=x^A^A", "user=x^Aauth=Bearer t",
               "user=x^Aauth=Bearer t^A", "user=x^Aauth=Bearer t^A^A^A", "user=x^Aauth=Bearer t^A^A\n",
               "user=^Aauth=Bearer t^A^A", "auth=Bearer t^Auser=x^A^A", "User=x^Aauth=Bearer t^A^A",
               "user=x^AAuth=Bearer t^A^A", "user=x^Aauth=^A^A", "user=x^Aauth=Bearer ^A^A", "user=x^Aauth=Basic t^A^A",
               "user=x^Aauth=Bearer t u^A^A", "user=x^@y^Aauth=Bearer t^A^A", "user=x\ny^Aauth=Bearer t^A^A",
               "user=\xFF^Aauth=Bearer t^A^A", "user=x^Auser=y^Aauth=Bearer t^A^A", "n,,^Aauth=Bearer t^A^A");
  CAPTURE(message);
  CHECK(parseXoauth2(octets(message)) == std::unexpected(Malformed{"not a message of XOAUTH2"}));
  CHECK_FALSE(
      parseXoauth2(octets("user=x^Aauth=Bearer ") + std::string(Xoauth2Response::kMaxSize, 't') + octets("^A^A")));
}
