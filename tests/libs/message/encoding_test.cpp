#include <catch2/catch.hpp>

#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/subject.h"
#include "message/transfer_encoding.h"

using namespace posthouse::message;

TEST_CASE("encoded words are decoded, RFC 2047 §8", "[message]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"(=?ISO-8859-1?Q?a?=)", "(a)"},
      {"=?ISO-8859-1?Q?a?= b", "a b"},
      {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"},
      {"=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=", "ab"},
      {"=?ISO-8859-1?Q?a_b?=", "a b"},
      {"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"},
      {"=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"},
      {"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", "Keld J\xC3\xB8rn Simonsen"},
      {"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=", "If you can read this yo"},
      {"=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "\xE2\x82\xAC"},  // a character in two words
      {"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\xE6\x97\xA5\xE6\x9C\xAC"},
      {"=?x-unknown?Q?a=FF?=", "a\xEF\xBF\xBD"},
      {"=?utf-8?Q?How_are_you?\?=", "How are you?"},  // a bare "?" is against RFC 2047 §4.2, and seen all the same
      {"=?utf-8?Q?Who?_me?\?= =?utf-8?Q?_Yes?=", "Who? me? Yes"},
      {"=?utf-8?Q?Who?=?utf-8?Q?me?=", "Who?utf-8?Q?me?="},
      {"=?utf-8?Q?Who? or ?=", "=?utf-8?Q?Who? or ?="},
      {"=?utf-8?Q?Who=?utf-8?Q?me?=", "=?utf-8?Q?Whome"},  // the second is a word, the first is none
      {"=?utf-8?B?YQ?YQ?=", "=?utf-8?B?YQ?YQ?="},
      {"=?utf-8?Q?a?", "=?utf-8?Q?a?"},
      {"=?broken", "=?broken"},
      {"=?utf-8?X?a?=", "=?utf-8?X?a?="},
      {"plain", "plain"},
      {"raw \xFF", "raw \xEF\xBF\xBD"},
  }));
  CAPTURE(text);
  CHECK(decodeEncodedWords(text) == expected);
}

TEST_CASE("what is written as encoded words is read back", "[message]") {
  const auto text =
      GENERATE(as<std::string>{}, "plain", "J\xC3\xBCrgen M\xC3\xBCller", "a =?b?= c",
               "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5\xE6\x9C\xAC\xE8"
               "\xAA\x9E\xE6\x97\xA5"
               "\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E",
               "tab\tand \xC3\xA9 and a text that is longer than one word may be, much longer than that indeed it is");
  const std::string encoded = encodeWords(text);
  CAPTURE(encoded);
  CHECK(decodeEncodedWords(encoded) == text);
  std::size_t longest = 0;
  for (std::size_t i = 0, end = 0; i < encoded.size(); i = end + 1) {
    end = std::min(encoded.find(' ', i), encoded.size());
    longest = std::max(longest, end - i);
  }
  CHECK(longest <= 75);
}

TEST_CASE("quoted-printable is decoded leniently", "[message]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"a=3Db", "a=b"},
      {"a=3db", "a=b"},
      {"soft=\r\nbreak", "softbreak"},
      {"soft= \t\r\nbreak", "softbreak"},
      {"soft=\nbreak", "softbreak"},
      {"blanks \t \r\nend ", "blanks\r\nend"},
      {"in  between", "in  between"},
      {"a=zb", "a=zb"},
      {"a=4", "a=4"},
      {"a==3D", "a=="},
      {"end=", "end"},
      {"a \rb", "a \rb"},
      {"=4=41", "=4A"},
  }));
  CAPTURE(text);
  CHECK(decodeBody(TransferEncoding::quotedPrintable, text) == expected);
  std::string octetByOctet;
  QuotedPrintableDecoder decoder;
  for (const char c : text) decoder.decode(std::string_view(&c, 1), octetByOctet);
  decoder.finish(octetByOctet);
  CHECK(octetByOctet == expected);
}

TEST_CASE("base64 is decoded leniently", "[message]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"aGVsbG8=", "hello"},
      {"aGVs\r\nbG8=\r\n", "hello"},
      {"aGVsbG8", "hello"},
      {"a-G*V s!bG8=", "hello"},
      {"aGVsbG8=aGVsbG8=", "hellohello"},
      {"", ""},
      {"a", ""},
  }));
  CHECK(decodeBody(TransferEncoding::base64, text) == expected);
  std::string octetByOctet = "before ";
  Base64Decoder decoder;
  for (const char c : text) decoder.decode(std::string_view(&c, 1), octetByOctet);
  decoder.finish(octetByOctet);
  CHECK(octetByOctet == "before " + expected);
}

TEST_CASE("what is encoded is decoded to the same", "[message]") {
  const auto text = GENERATE(as<std::string>{}, "", "a", "line\r\n.\r\nFrom x\r\n", "trailing \r\nblank\t",
                             "\xC3\xBC=\x01", std::string(500, 'x'), std::string(200, '='));
  const std::string quoted = encodeQuotedPrintable(text);
  CAPTURE(quoted);
  CHECK(decodeBody(TransferEncoding::quotedPrintable, quoted) == text);
  CHECK(decodeBody(TransferEncoding::base64, encodeBase64Lines(text)) == text);
}

TEST_CASE("charsets become UTF-8", "[message]") {
  CHECK(toUtf8("\xFC", "ISO-8859-1") == "\xC3\xBC");
  CHECK(toUtf8("\x80", "windows-1252") == "\xE2\x82\xAC");
  CHECK(toUtf8("\xA4", "iso-8859-15") == "\xE2\x82\xAC");
  CHECK(toUtf8("\xC6\xFC", "EUC-JP") == "\xE6\x97\xA5");
  CHECK(toUtf8("ok \xC3\xBC", "no-such-charset") == "ok \xC3\xBC");
  CHECK(toUtf8("\xC3", "utf-8") == "\xEF\xBF\xBD");
  CHECK(toUtf8("x", std::string(1000, 'q')) == "x");
}

TEST_CASE("the base subject, RFC 5256 §2.1", "[message]") {
  const auto [subject, base] = GENERATE(table<std::string, std::string>({
      {"Hello", "Hello"},
      {"Re: Hello", "Hello"},
      {"RE:  re [2]: Fwd: Hello (fwd) (fwd)", "Hello"},
      {"[list] Re: [list]  Hello  world", "Hello world"},
      {"[fwd: Re: Hello]", "Hello"},
      {"[only]", "[only]"},
      {"Reply", "Reply"},
      {"Re", "Re"},
      {"Re:", ""},
      {"", ""},
  }));
  CAPTURE(subject);
  CHECK(baseSubject(subject).text == base);
}
