// KPOP's framing, octet for octet as krb5_sendauth has it.
#include "pop3/sendauth.h"

#include <catch2/catch.hpp>

using namespace posthouse::pop3::sendauth;
using namespace std::string_literals;

TEST_CASE("the versions are sent with their length and their NUL", "[pop3][kpop]") {
  CHECK(message(kVersion) == "\0\0\0\x13KRB5_SENDAUTH_V1.0\0"s);
  CHECK(message(kApplication) == "\0\0\0\x09KPOPV1.0\0"s);
  CHECK(message() == "\0\0\0\0"s);
  CHECK(message(std::string(0x10203, 'x')).substr(0, 5) == "\0\1\2\3x"s);
}

TEST_CASE("a length is read before what it promises, and has its bounds", "[pop3][kpop]") {
  CHECK(messageLength("\0\0\0\0"s, kMaxVersion) == 0);
  CHECK(messageLength("\0\0\0\x13"s, kMaxVersion) == 19);
  CHECK(messageLength("\0\0\0\x40"s, kMaxVersion) == 64);
  CHECK_FALSE(messageLength("\0\0\0\x41"s, kMaxVersion));
  CHECK(messageLength("\0\1\0\0"s, kMaxRequest) == 65536);
  CHECK_FALSE(messageLength("\0\1\0\1"s, kMaxRequest));
  CHECK_FALSE(messageLength("\xFF\xFF\xFF\xFF"s, kMaxRequest));
  CHECK_FALSE(messageLength("\x80\0\0\0"s, kMaxRequest));
  CHECK_FALSE(messageLength("USER"s, kMaxRequest));
}

TEST_CASE("both versions have to be ours, and the first that is not is told", "[pop3][kpop]") {
  CHECK(judge(kVersion, kApplication) == Verdict::good);
  CHECK(judge("KRB5_SENDAUTH_V1.0"s, kApplication) == Verdict::badVersion);  // without its NUL
  CHECK(judge("KRB5_SENDAUTH_V9.9\0"s, kApplication) == Verdict::badVersion);
  CHECK(judge(""s, ""s) == Verdict::badVersion);
  CHECK(judge(kVersion, "KPOPV1.0"s) == Verdict::badApplication);
  CHECK(judge(kVersion, "KPOPV0.1\0"s) == Verdict::badApplication);  // Kerberos 4
  CHECK(judge(kVersion, "KPOPV1.0\0\0"s) == Verdict::badApplication);
  CHECK(octetOf(Verdict::good) == "\0"s);
  CHECK(octetOf(Verdict::badVersion) == "\1"s);
  CHECK(octetOf(Verdict::badApplication) == "\2"s);
}

TEST_CASE("who speaks POP3 is told from who speaks KPOP by the first octet", "[pop3][kpop]") {
  CHECK(looksLikeText("USER"));
  CHECK(looksLikeText("capa"));
  CHECK_FALSE(looksLikeText(message(kVersion)));
  CHECK_FALSE(looksLikeText("\x16\x03\x01\x02"));  // TLS
  CHECK_FALSE(looksLikeText(""));
}
