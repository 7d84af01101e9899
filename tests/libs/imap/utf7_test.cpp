#include "imap/utf7.h"

#include <catch2/catch.hpp>

using namespace posthouse::imap;

TEST_CASE("mailbox names travel in modified UTF-7 and back", "[imap]") {
  const auto [encoded, utf8] = GENERATE(table<std::string, std::string>({
      {"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"},  // RFC 3501 §5.1.3
      {"&Jjo-!", "☺!"},
      {"INBOX", "INBOX"},
      {"Entw&APw-rfe", "Entwürfe"},
      {"A &- B", "A & B"},
      {"&Jjo-&-", "☺&"},
      {"&2D3eAA-", "😀"},
      {"", ""},
  }));
  CAPTURE(encoded);
  CHECK(encodeUtf7(utf8) == encoded);
  CHECK(decodeUtf7(encoded) == utf8);
}

TEST_CASE("what is not the canonical encoding is refused", "[imap]") {
  const auto text = GENERATE(as<std::string>(),
                             "&Jjo!",               // RFC 3501 §5.1.3: no end of the shift
                             "&U,BTFw-&ZeVnLIqe-",  // RFC 3501 §5.1.3: a superfluous shift
                             "&AGE-",               // "a" in base 64
                             "&",                   //
                             "&Jjp-",               // bits that mean nothing
                             "&JjoA-",              // a sextet too many
                             "&2D0-",               // a lone high surrogate
                             "&3gA-",               // a lone low surrogate
                             "&J*-", "caf\xc3\xa9", "tab\t");
  CAPTURE(text);
  CHECK_FALSE(decodeUtf7(text));
}

TEST_CASE("octets that are not UTF-8 are encoded as U+FFFD", "[imap]") {
  for (const char* text : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe5\x8f"}) {
    CHECK(decodeUtf7(encodeUtf7(text))->starts_with("\xef\xbf\xbd"));
  }
}
