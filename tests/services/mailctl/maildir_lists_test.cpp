// What other servers write down beside their mail.
#include <catch2/catch.hpp>

#include "base/cursor.h"
#include "maildir/courier_size_list.h"
#include "maildir/dovecot_uidlist.h"
#include "maildir/file_name.h"
#include "maildir/printable.h"
#include "maildir/uidl_format.h"
#include "maildir/unreadable_format.h"

using namespace posthouse;
using namespace posthouse::mailctl::maildir;

namespace {

std::string shown(const std::vector<BrokenLine>& broken) {
  std::string text;
  for (const BrokenLine& line : broken) text += std::to_string(line.number) + " ";
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

TEST_CASE("a file's name tells its message and its flags", "[mailctl]") {
  const auto [name, base, flags] = GENERATE(table<std::string, std::string, std::string>({
      {"1700000000.M1P2.host,S=12:2,FS", "1700000000.M1P2.host,S=12", "FS"},
      {"1700000000.M1P2.host:2,", "1700000000.M1P2.host", ""},
      {"1700000000.M1P2.host", "1700000000.M1P2.host", ""},
      {"1700000000.M1P2.host:1,S", "1700000000.M1P2.host", ""},  // version 1 was never defined
      {"1700000000.M1P2.host:2,Sa,X9", "1700000000.M1P2.host", "Sa"},
      {":2,S", "", "S"},
      {"", "", ""},
  }));
  CAPTURE(name);
  CHECK(FileName::of(name).base == base);
  CHECK(FileName::of(name).flags == flags);
}

TEST_CASE("letters are flags and keywords", "[mailctl]") {
  std::vector<BrokenLine> broken;
  const Keywords keywords = parseKeywords("0 Invoice\n3 $Label1\nx y\n26 none\n1 \n2\n", broken);
  CHECK(shown(broken) == "3 4 5 6 ");
  std::string unknown;
  CHECK(joined(flagNames("DFPRSTad", keywords, unknown)) ==
        "\\Draft \\Flagged $Forwarded \\Answered \\Seen \\Deleted Invoice $Label1");
  CHECK(unknown.empty());
  CHECK(joined(flagNames("SbXb", keywords, unknown)) == "\\Seen");
  CHECK(unknown == "bX");
}

TEST_CASE("a keyword that IMAP could not have is none", "[mailctl]") {
  std::vector<BrokenLine> broken;
  const Keywords keywords =
      parseKeywords("0 caf\xe9\n1 gr\xc3\xbcn\n2 a b\n3 \\Seen\n4 x\"y\n5 a\tb\n6 $ok.it's-\n", broken);
  CHECK(shown(broken) == "1 2 3 4 5 6 ");
  CHECK(keywords == Keywords{{'g', "$ok.it's-"}});
}

TEST_CASE("dovecot-uidlist of version 3", "[mailctl]") {
  const auto list = DovecotUidList::parse(
      "3 V1600000000 N9 Gabc\n"
      "1 :1.a\n"
      "2 W33 Pold.2 Gg2 :2.b:2,S\n"
      "7 Xwhat :3.c:d");
  CHECK(list.uidValidity == 1600000000);
  CHECK(list.broken.empty());
  REQUIRE(list.entries.size() == 3);
  CHECK(list.entries.at("1.a").uid == 1);
  CHECK(list.entries.at("2.b").uniqueId == "old.2");
  CHECK(list.entries.at("2.b").guid == "g2");
  CHECK(list.entries.at("3.c").uid == 7);
}

TEST_CASE("dovecot-uidlist of version 1", "[mailctl]") {
  const auto list = DovecotUidList::parse("1 1600000000 12\n5 1.a\n11 2.b:2,F\n");
  CHECK(list.uidValidity == 1600000000);
  CHECK(list.entries.at("1.a").uid == 5);
  CHECK(list.entries.at("2.b").uid == 11);
}

TEST_CASE("a line of dovecot-uidlist that is none costs no other line", "[mailctl]") {
  const auto list = DovecotUidList::parse(
      "3 V1 N9\n"
      "1 :1.a\n"
      "\n"
      "x :2.b\n"
      "2 3.c\n"
      "3 :\n"
      "4 P :5.e\n"
      "0 :6.f\n"
      "99999999999 :7.g\n"
      "8  :8.h\n"
      "9 :9.i\n");
  CHECK(shown(list.broken) == "3 4 5 6 8 9 10 ");
  CHECK(list.entries.size() == 3);
  CHECK(list.entries.at("5.e").uniqueId.empty());
  CHECK(list.entries.at("5.e").isFileName);
  CHECK_FALSE(list.entries.at("1.a").isFileName);
}

TEST_CASE("what does not begin as dovecot-uidlist does is none", "[mailctl]") {
  const auto text = GENERATE(as<std::string>(), "", "\n", "3\n", "3 N5\n", "3 Vx\n", "3 V1x N2\n", "2 V1 N1\n",
                             "4 V1 N1\n", "1 5\n", "/3 1 2\n", "3 V99999999999\n");
  CAPTURE(text);
  CHECK_THROWS_AS(DovecotUidList::parse(text), SyntaxError);
}

TEST_CASE("courierpop3dsizelist of every version", "[mailctl]") {
  const auto [text, ids] = GENERATE(table<std::string, std::string>({
      {"/3 9 16\n1.a,S=3:2,S 30 7:16:0\n2.b 30 8:0:1\n3.c 30 0:0:0\n", "UID7-16 UID8 3.c"},
      {"/2 9 16\n1.a,S=3:2,S 30 7:16\n2.b 30 8:0\n3.c 30 0:16\n", "UID7-16 UID8 3.c"},
      {"/1 9\n1.a,S=3:2,S 30 7\n2.b 30 8\n3.c 30 0\n", "UID7 UID8 3.c"},
      {"1.a,S=3:2,S 30\n2.b 30\n3.c 30\n", "1.a,S=3 2.b 3.c"},
  }));
  CAPTURE(text);
  const auto list = CourierSizeList::parse(text);
  CHECK(list.broken.empty());
  CHECK(list.uniqueIds.at("1.a,S=3") + " " + list.uniqueIds.at("2.b") + " " + list.uniqueIds.at("3.c") == ids);
}

TEST_CASE("what may not stand in a unique id is written by Courier as its number", "[mailctl]") {
  const auto list = CourierSizeList::parse("a'b\"c+d\x7f\xfc:2, 30\n");
  CHECK(list.uniqueIds.begin()->second == "a+27b+22c+2Bd+7F+FC");
}

TEST_CASE("a line of courierpop3dsizelist that is none costs no other line", "[mailctl]") {
  const auto list = CourierSizeList::parse(
      "/3 9 16\n1.a 30 7:16:0\n\n 30 7:16:0\n2.b 7:16:0\n3.c 30 7\n4.d 30 7:16:0 x\n5.e 1 2:3:0");
  CHECK(shown(list.broken) == "3 4 5 6 7 ");
  CHECK(list.uniqueIds.size() == 2);
  const auto text = GENERATE(as<std::string>(), "", "/\n", "/4 1 2\n", "/3 1\n", "/0 1\n", "/1\n", "3 V1 N2\n");
  CAPTURE(text);
  CHECK_THROWS_AS(CourierSizeList::parse(text), SyntaxError);
}

TEST_CASE("what is printed of a name is UTF-8 and leaves the terminal alone", "[mailctl]") {
  const auto [name, shown] = GENERATE(table<std::string, std::string>({
      {"cur/1.a:2,S", "cur/1.a:2,S"},
      {"caf\xe9", "caf\\xE9"},
      {"Entw\xc3\xbcrfe \xe2\x82\xac \xf0\x9f\x93\xac", "Entw\xc3\xbcrfe \xe2\x82\xac \xf0\x9f\x93\xac"},
      {"\x1b[2J\n\x7f", "\\x1B[2J\\x0A\\x7F"},
      {"\xc2\x9b"
       "2J\xc2\xa0",
       "\\xC2\\x9B"
       "2J\xc2\xa0"},
      {"\xe2\x82", "\\xE2\\x82"},
      {"", ""},
  }));
  CHECK(printable(name) == shown);
}

TEST_CASE("a file that is compressed or encrypted is no message", "[mailctl]") {
  const auto [beginning, objection] = GENERATE(table<std::string, std::string>({
      {"\x1f\x8b\x08\x00x", "gzip"},
      {"BZh91AY&SY", "bzip2"},
      {"\x28\xb5\x2f\xfd\x04", "zstd"},
      {"\xfd\x37\x7a\x58\x5a", "xz"},
      {"Dovecot-LZ4\x0d\x2a\x9b\xc5\x01", "LZ4"},
      {"CRYPTED\x03\x07\x02", "mail_crypt"},
  }));
  CAPTURE(objection);
  REQUIRE(objectionToFormat(beginning));
  CHECK_THAT(*objectionToFormat(beginning), Catch::Contains(objection) && Catch::Contains("doveadm"));
  const auto message = GENERATE(as<std::string>(), "", "Subject: x\r\n\r\n\x1f\x8b\x08", "BZh: x\r\n", "CRYPTED: x\r\n",
                                "BZh", "Dovecot-LZ4: x\r\n");
  CHECK_FALSE(objectionToFormat(message));
}

TEST_CASE("Dovecot's formats of unique ids", "[mailctl]") {
  const auto [format, id] = GENERATE(table<std::string, std::string>({
      {"%08Xu%08Xv", "000000ff5f5e1000"},
      {"%08Xv%08Xu", "5f5e1000000000ff"},
      {"%v.%u", "1600000000.255"},
      {"%Xv%Xu", "5f5e1000ff"},
      {"%v-%u", "1600000000-255"},
      {"%u", "255"},
      {"%05u", "00255"},
      {"%UXu", "FF"},
      {"%f", "1.Ab,S=3"},
      {"%Lf", "1.ab,s=3"},
      {"%g", "Guid"},
      {"x%%%Ug%%", "x%GUID%"},
      {"%{uid | hex(8)}%{uidvalidity | hex(8)}", "000000ff5f5e1000"},
      {"%{uidvalidity}.%{uid}", "1600000000.255"},
      {"%{guid|lower}-%{filename | upper}-%{uid|hex}", "guid-1.AB,S=3-ff"},
  }));
  CAPTURE(format);
  CHECK(UidlFormat::parse(format).apply({1600000000, 255, "1.Ab,S=3", "Guid"}) == id);
}

TEST_CASE("a format that is none says why", "[mailctl]") {
  const auto [format, reason] = GENERATE(table<std::string, std::string>({
      {"", "empty"},
      {"%", "ends within"},
      {"%08", "ends within"},
      {"%m", "mbox"},
      {"%Mf", "no variable"},
      {"%8u", "begins with 0"},
      {"%099u", "70"},
      {"%099999999999999999999u", "too large"},
      {"%Xf", "for numbers"},
      {"%{uid", "expected"},
      {"%{md5}", "mbox"},
      {"%{what}", "one of"},
      {"%{uid|what}", "one of"},
      {"%{uid|hex(x)}", "a number"},
      {"%\n", "no variable"},
  }));
  CAPTURE(format);
  CHECK_THROWS_WITH(UidlFormat::parse(format), Catch::Contains(reason));
}
