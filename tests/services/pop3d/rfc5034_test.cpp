// The examples of RFC 5034 (AUTH), of RFC 1734 before it, and of RFC 2449 (CAPA), in their words; ours are others, the
// form is the same. What runs under TLS is in server_test.cpp.
#include <catch2/catch.hpp>
#include <set>

#include "base/base64.h"
#include "example.h"

using namespace posthouse;
using namespace posthouse::pop3d;

namespace {

std::string decoded(std::string_view text) {
  return base64::decode(text).value();
}

/// The keywords of what the first CAPA of a transcript was answered with.
std::set<std::string> capabilities(std::string_view transcript) {
  std::set<std::string> found;
  std::string_view rest = transcript.substr(transcript.find("C: CAPA\n"));
  rest.remove_prefix(rest.find("\nS: +OK") + 1);
  rest.remove_prefix(rest.find('\n') + 1);
  while (!rest.starts_with("S: .\n")) {
    const std::string_view line = rest.substr(3, rest.find('\n') - 3);
    found.emplace(line.substr(0, line.find(' ')));
    rest.remove_prefix(line.size() + 4);
  }
  return found;
}

}  // namespace

/// Of its capabilities ours lacks LOGIN-DELAY where there is no delay; the order is the server's affair.
TEST_CASE("RFC 2449 section 5, CAPA", "[pop3d]") {
  Stage stage;
  const std::string transcript = stage.play("S: +OK\nC: CAPA\n");
  CHECK(form(transcript).starts_with("S: +OK\nC: CAPA\nS: +OK\n"));
  const std::set<std::string> found = capabilities(transcript);
  for (const char* name : {"TOP", "USER", "SASL", "RESP-CODES", "PIPELINING", "EXPIRE", "UIDL", "IMPLEMENTATION"}) {
    CHECK(found.contains(name));
  }
}

TEST_CASE("RFC 2449 section 5, what is announced is there in both states", "[pop3d]") {
  Stage stage;
  const std::string transcript = stage.play(
      "S: +OK\nC: CAPA\nS: +OK\n"  // and the list
      "C: USER alice@example.org\nS: +OK\nC: PASS secret\nS: +OK\nC: CAPA\n");
  const std::size_t login = transcript.find("C: USER");
  CHECK(capabilities(transcript) == capabilities(transcript.substr(login)));
}

/// DIGEST-MD5 is historic (RFC 6331), and offered by nobody here: a mechanism that begins with a challenge, and ends
/// with an empty response.
TEST_CASE("RFC 5034 section 6, an exchange that begins with a challenge", "[pop3d]") {
  const std::string first =
      "cmVhbG09ImVsd29vZC5pbm5vc29mdC5jb20iLG5vbmNlPSJPQTZNRzl0RVFHbTJoaCIscW9wPSJhdXRoIixhbGdvcml0aG09bWQ1LXNlc3MsY2"
      "hhcnNldD11dGYtOA==";
  const std::string answer =
      "Y2hhcnNldD11dGYtOCx1c2VybmFtZT0iY2hyaXMiLHJlYWxtPSJlbHdvb2QuaW5ub3NvZnQuY29tIixub25jZT0iT0E2TUc5dEVRR20yaGgiLG"
      "5jPTAwMDAwMDAxLGNub25jZT0iT0E2TUhYaDZWcVRyUmsiLGRpZ2VzdC11cmk9InBvcC9lbHdvb2QuaW5ub3NvZnQuY29tIixyZXNwb25zZT1i"
      "MGQ1NmQyZjA1NGMyNGI2MjA3MjMyMjEwNjQ2OGRiOSxxb3A9YXV0aA==";
  const std::string second = "cnNwYXV0aD0wYjk3MTQ2MmNlZjVlOGY5MzBkYjlhMzNiMDJmYzlhMA==";
  Stage stage;
  stage.authenticator.playedMechanism = "DIGEST-MD5";
  stage.authenticator.played = {{decoded(first), decoded(answer)}, {decoded(second), ""}};
  const std::string script =
      "S: +OK pop.example.com BlurdyBlurp POP3 server ready\n"
      "C: AUTH DIGEST-MD5\n"
      "S: + " +
      first + "\nC: " + answer + "\nS: + " + second +
      "\nC: \n"
      "S: +OK Maildrop locked and ready\n";
  CHECK(form(stage.play(script)) == form(script));
}

TEST_CASE("RFC 1734 section 2, AUTH KERBEROS_V4, and a mechanism that is none", "[pop3d]") {
  const std::string answer =
      "BAcAQU5EUkVXLkNNVS5FRFUAOCAsho84kLN3/IJmrMG+25a4DT+nZImJjnTNHJUtxAA+o0KPKfHEcAFs9a3CL5Oebe/ydHJUwYFdWwuQ1MWiy6"
      "IesKvjL5rL9WjXUb9MwT9bpObYLGOKi1Qh";
  Stage stage;
  stage.authenticator.playedMechanism = "KERBEROS_V4";
  stage.authenticator.played = {{decoded("amFYig=="), decoded(answer)},
                                {decoded("or//EoAADZI="), decoded("DiAF5A4gA+oOIALuBkAAmw==")}};
  const std::string script =
      "S: +OK POP3 server ready\n"
      "C: AUTH FOOBAR\n"
      "S: -ERR Unrecognized authentication type\n"
      "C: AUTH KERBEROS_V4\n"
      "S: + amFYig==\n"
      "C: " +
      answer +
      "\nS: + or//EoAADZI=\n"
      "C: DiAF5A4gA+oOIALuBkAAmw==\n"
      "S: +OK Kerberos V4 authentication successful\n"
      "C: AUTH FOOBAR\n"
      "S: -ERR Unrecognized authentication type\n";
  CHECK(form(stage.play(script)) == form(script));
}

TEST_CASE("RFC 5034 section 4, what AUTH must refuse", "[pop3d]") {
  Stage stage;
  const std::string script =
      "S: +OK\n"
      "C: AUTH PLAIN =AAA\n"  // a pad that is not at the end
      "S: -ERR\n"
      "C: AUTH PLAIN AAA=BBB\n"
      "S: -ERR\n"
      "C: AUTH PLAIN AA!A\n"  // not of the alphabet
      "S: -ERR\n"
      "C: AUTH PLAIN\n"
      "S: + \n"
      "C: AAA=BBB\n"
      "S: -ERR\n"
      "C: AUTH PLAIN\n"
      "S: + \n"
      "C: *\n"  // cancelled
      "S: -ERR\n"
      "C: AUTH PLAIN =\n"  // a response that is empty, and not one that is missing
      "S: -ERR\n"
      "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"  // as if nothing had been
      "S: +OK\n"
      "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"  // no second time
      "S: -ERR\n";
  CHECK(form(stage.play(script)) == form(script));
}
