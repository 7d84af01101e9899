#include "imap/parser.h"

#include <catch2/catch.hpp>

using namespace posthouse::imap;

namespace {
template <class T>
T parse(std::string_view arguments) {
  const auto parsed = parseCommand("a1 " + std::string(arguments));
  if (!parsed) FAIL(arguments << ": " << parsed.error().reason);
  CHECK(parsed->tag == "a1");
  REQUIRE(std::holds_alternative<T>(parsed->command));
  return std::get<T>(parsed->command);
}
}  // namespace

TEST_CASE("commands without arguments", "[imap]") {
  parse<Capability>("CAPABILITY");
  parse<Noop>("noop");
  parse<Logout>("LogOut");
  parse<StartTls>("STARTTLS");
  parse<Namespace>("NAMESPACE");
  parse<Idle>("IDLE");
  parse<Check>("CHECK");
  parse<Close>("CLOSE");
  parse<Unselect>("UNSELECT");
  CHECK_FALSE(parse<Expunge>("EXPUNGE").uids);
}

TEST_CASE("LOGIN takes atoms, quoted strings and literals", "[imap]") {
  CHECK(parse<Login>("LOGIN SMITH SESAME").password == "SESAME");
  CHECK(parse<Login>(R"(LOGIN "a\"b\\c" "p w")").user == R"(a"b\c)");
  CHECK(parse<Login>("LOGIN {3}\r\na\r\n {2+}\r\nb ").password == "b ");
  CHECK(parse<Login>("LOGIN a \"p\xc3\xa4ss\"").password == "p\xc3\xa4ss");
  CHECK(parse<Login>("LOGIN bob@mail.test ]x]").password == "]x]");
}

TEST_CASE("AUTHENTICATE with and without an initial response", "[imap]") {
  CHECK(parse<Authenticate>("AUTHENTICATE plain").mechanism == "PLAIN");
  CHECK_FALSE(parse<Authenticate>("AUTHENTICATE PLAIN").initialResponse);
  CHECK(parse<Authenticate>("AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=").initialResponse == "dGVzdAB0ZXN0AHRlc3Q=");
  CHECK(parse<Authenticate>("AUTHENTICATE EXTERNAL =").initialResponse == "=");
}

TEST_CASE("mailbox commands read UTF-7 names", "[imap]") {
  CHECK(parse<Select>("SELECT inbox").mailbox == "INBOX");
  CHECK(parse<Select>("EXAMINE \"Entw&APw-rfe\"").mailbox == "Entwürfe");
  CHECK(parse<Select>("EXAMINE x").readOnly);
  CHECK(parse<Create>("CREATE owatagusiam/").mailbox == "owatagusiam");  // RFC 3501 §6.3.3
  CHECK(parse<Delete>("DELETE foo").mailbox == "foo");
  CHECK(parse<Rename>("RENAME a \"b c\"").to == "b c");
  CHECK(parse<Subscribe>("SUBSCRIBE #news").mailbox == "#news");
  CHECK(parse<Unsubscribe>("UNSUBSCRIBE x").mailbox == "x");
  const auto list = parse<List>("LIST \"\" %/*");
  CHECK(list.reference.empty());
  CHECK(list.pattern == "%/*");
  CHECK(parse<List>("LSUB \"\" \"*\"").subscribedOnly);
  CHECK(parse<List>("LIST \"\" \"\"").pattern.empty());
  CHECK(parse<Status>("STATUS blurdybloop (UIDNEXT MESSAGES)").items ==
        std::vector{Status::Item::uidNext, Status::Item::messages});
}

TEST_CASE("ID and ENABLE", "[imap]") {
  const auto id = parse<Id>(R"(ID ("name" "sodr" "version" NIL))");  // RFC 2971 §3.1
  REQUIRE(id.parameters.size() == 2);
  CHECK(id.parameters[0] == std::pair<std::string, std::string>("name", "sodr"));
  CHECK(id.parameters[1].second.empty());
  CHECK(parse<Id>("ID NIL").parameters.empty());
  CHECK(parse<Id>("ID ()").parameters.empty());
  CHECK(parse<Enable>("ENABLE CONDSTORE x-good-idea").capabilities ==
        std::vector<std::string>{"CONDSTORE", "X-GOOD-IDEA"});
}

TEST_CASE("FETCH items keep their labels", "[imap]") {
  const auto labels = [](std::string_view items) {
    std::vector<std::string> found;
    for (const auto& item : parse<Fetch>("FETCH 1:* " + std::string(items)).items) {
      if (const auto* body = std::get_if<fetch::Body>(&item))
        found.push_back((body->peek ? "peek " : "") + body->label);
    }
    return found;
  };
  using Labels = std::vector<std::string>;
  CHECK(labels("BODY[]") == Labels{"BODY[]"});
  CHECK(labels("body.peek[header]") == Labels{"peek BODY[HEADER]"});
  CHECK(labels("(BODY[4.1.MIME] BODY[4.2.HEADER] BODY[1.2]<0.2048>)") ==
        Labels{"BODY[4.1.MIME]", "BODY[4.2.HEADER]", "BODY[1.2]<0>"});
  CHECK(labels("BODY.PEEK[HEADER.FIELDS (Date From {2}\r\nTo)]") == Labels{"peek BODY[HEADER.FIELDS (Date From To)]"});
  CHECK(labels("BODY[1.HEADER.FIELDS.NOT (X)]<5.1>") == Labels{"BODY[1.HEADER.FIELDS.NOT (X)]<5>"});
  CHECK(labels("(RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE)") ==
        Labels{"RFC822", "peek RFC822.HEADER", "RFC822.TEXT"});
  CHECK(parse<Fetch>("UID FETCH 1 ALL").items.size() == 4);
  CHECK(parse<Fetch>("FETCH 1 FULL").items.size() == 5);
  CHECK(parse<Fetch>("FETCH 1 FAST").items.size() == 3);
  CHECK(std::get<fetch::BodyStructure>(parse<Fetch>("FETCH 1 BODYSTRUCTURE").items[0]).extensible);
  CHECK_FALSE(std::get<fetch::BodyStructure>(parse<Fetch>("FETCH 1 (BODY)").items[0]).extensible);
  CHECK(parse<Fetch>("UID FETCH 1 UID").byUid);
}

TEST_CASE("STORE in its forms", "[imap]") {
  const auto store = parse<Store>("STORE 2:4 +FLAGS (\\Deleted)");
  CHECK(store.mode == Store::Mode::add);
  CHECK_FALSE(store.silent);
  CHECK(store.flags == Flags{kDeleted, {}});
  CHECK(parse<Store>("UID STORE 1 -FLAGS.SILENT \\seen $Junk $JUNK").flags == Flags{kSeen, {"$Junk"}});
  CHECK(parse<Store>("STORE 1 FLAGS ()").mode == Store::Mode::replace);
}

TEST_CASE("COPY, MOVE and UID EXPUNGE", "[imap]") {
  CHECK(parse<Copy>("COPY 2:4 MEETING").mailbox == "MEETING");
  CHECK_FALSE(parse<Copy>("COPY 2:4 MEETING").move);
  CHECK(parse<Copy>("UID MOVE 42:69 foo").move);
  CHECK(parse<Copy>("UID MOVE 42:69 foo").byUid);
  CHECK(parse<Expunge>("UID EXPUNGE 3000:3002").uids == SequenceSet{{3000, 3002}});
}

TEST_CASE("SEARCH keys nest", "[imap]") {
  const auto search = parse<Search>("SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"");  // RFC 3501 §6.4.4
  CHECK(search.charset == "US-ASCII");
  REQUIRE(search.keys.keys.size() == 3);
  CHECK(std::get<search::FlagIs>(search.keys.keys[0].test).flag == kFlagged);
  CHECK(std::get<search::DateIs>(search.keys.keys[1].test).relation == search::DateIs::Relation::since);
  const auto& negated = std::get<search::Not>(search.keys.keys[2].test);
  CHECK(std::get<search::HeaderContains>(negated.key[0].test).text == "Smith");

  CHECK(parse<Search>("UID SEARCH CHARSET utf-8 TEXT {6}\r\n\xd0\xbf\xd1\x80\xd0\xb8").charset == "UTF-8");
  const auto either =
      parse<Search>("SEARCH OR (SEEN 1:3) (UNDELETED UID 5:*) LARGER 10 HEADER X-Y \"\" NEW OLD UNKEYWORD $x");
  CHECK(either.keys.keys.size() == 6);
  CHECK(std::get<search::Or>(either.keys.keys[0].test).keys.size() == 2);
}

TEST_CASE("nesting and number of SEARCH keys are bounded", "[imap]") {
  CHECK_FALSE(parseCommand("a SEARCH " + std::string(1000, '(') + "ALL" + std::string(1000, ')')));
  std::string nots = "a SEARCH";
  for (int i = 0; i < 100; ++i) nots += " NOT";
  CHECK_FALSE(parseCommand(nots + " ALL"));
  std::string many = "a SEARCH";
  for (int i = 0; i <= kMaxSearchKeys; ++i) many += " ALL";
  CHECK_FALSE(parseCommand(many));
  std::string texts = "a SEARCH";
  for (int i = 0; i < kMaxSearchTexts; ++i) texts += i % 2 == 0 ? " BODY x" : " TEXT x";
  CHECK(parseCommand(texts + " FROM x"));
  CHECK_FALSE(parseCommand(texts + " BODY x"));
}

TEST_CASE("what is no command is BAD with its tag", "[imap]") {
  const auto [text, tag] = GENERATE(table<std::string, std::string>({
      {"", "*"},
      {"+ NOOP", "*"},
      {"a1", "a1"},
      {"a1 ", "a1"},
      {"a1 XYZZY", "a1"},
      {"a1 NOOP ", "a1"},
      {"a1  NOOP", "a1"},
      {"a1 LOGIN a", "a1"},
      {"a1 LOGIN \"a b", "a1"},
      {"a1 LOGIN \"a\\b\" c", "a1"},
      {"a1 LOGIN {5}\r\nab", "a1"},
      {std::string("a1 LOGIN {1}\r\n\0 b", 17), "a1"},
      {"a1 SELECT &x", "a1"},
      {"a1 SELECT caf\xc3\xa9", "a1"},
      {"a1 STATUS x ()", "a1"},
      {"a1 STATUS x (SIZE)", "a1"},
      {"a1 FETCH 0 FLAGS", "a1"},
      {"a1 FETCH 1 (FLAGS", "a1"},
      {"a1 FETCH 1 ()", "a1"},
      {"a1 FETCH 1 BODY[MIME]", "a1"},
      {"a1 FETCH 1 BODY[1.]", "a1"},
      {"a1 FETCH 1 BODY[]<0.0>", "a1"},
      {"a1 FETCH 1 BODY[HEADER.FIELDS ()]", "a1"},
      {"a1 STORE 1 +FLAGS (\\Recent)", "a1"},
      {"a1 STORE 1 FLAGS \\Nonsense", "a1"},
      {"a1 STORE 1 +FLAGS", "a1"},
      {"a1 SEARCH", "a1"},
      {"a1 SEARCH NOT", "a1"},
      {"a1 SEARCH BODY", "a1"},
      {"a1 SEARCH ON 1-Feb", "a1"},
      {"a1 UID NOOP", "a1"},
      {"a1 UID EXPUNGE", "a1"},
      {"a1 EXPUNGE 1:2", "a1"},
      {"a1 ID (\"name\")", "a1"},
      {"a1 ENABLE", "a1"},
      {"a1 LIST \"\"", "a1"},
  }));
  CAPTURE(text);
  const auto parsed = parseCommand(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().tag == tag);
}
