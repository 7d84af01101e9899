#include "smtp/parser.h"

#include <catch2/catch.hpp>

using namespace posthouse::smtp;

namespace {

const Extensions kAll{.auth = true, .dsn = true, .deliveryId = true};

/// The reply to what does not parse.
std::string refusal(const std::string& line, const Extensions& extensions = {}) {
  const auto parsed = parseCommand(line, extensions);
  return parsed ? "parsed" : parsed.error().text();
}

}  // namespace

TEST_CASE("MAIL reads the reverse path", "[smtp]") {
  const auto [line, path] = GENERATE(table<std::string, std::string>({
      {"MAIL FROM:<bob@x.example>", "bob@x.example"},
      {"mail from:<bob@x.example> SIZE=12", "bob@x.example"},
      {"MAIL FROM:<>", ""},  // a bounce, RFC 5321 §4.5.5
      {"MAIL FROM:<bob@x.example>  ", "bob@x.example"},
      {"MAIL FROM:<Bob.Smith@X.Example>", "Bob.Smith@X.Example"},
      {"MAIL FROM:<@hosta.int,@jkl.org:userc@d.bar.org>", "userc@d.bar.org"},
      {"MAIL FROM:<\"Joe\\,Smith\"@x.example>", "\"Joe,Smith\"@x.example"},
      {"MAIL FROM:<\"bob\"@x.example>", "bob@x.example"},
      {"MAIL FROM:<\"\"@x.example>", "\"\"@x.example"},
      {"MAIL FROM:<\"a\\\"b\\\\c\"@x.example>", "\"a\\\"b\\\\c\"@x.example"},
      {"MAIL FROM:<!#$%&'*+-/=?^_`{|}~@x>", "!#$%&'*+-/=?^_`{|}~@x"},
      {"MAIL FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]"},
      {"MAIL FROM:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"},
      {"MAIL FROM:<a@[IPv6:::ffff:192.0.2.1]>", "a@[IPv6:::ffff:192.0.2.1]"},
      {"MAIL FROM:<b\xC3\xBC@b\xC3\xBC.example> SMTPUTF8", "b\xC3\xBC@b\xC3\xBC.example"},
  }));
  CAPTURE(line);
  const auto parsed = parseCommand(line);
  REQUIRE(parsed);
  CHECK(std::get<Mail>(*parsed).reversePath == path);
}

TEST_CASE("a path that is none is refused as an address", "[smtp]") {
  const std::string path = GENERATE(
      as<std::string>(), "bob@x.example", "<bob>", "<bob@>", "<@x.example>", "<bob@x.example", " <bob@x.example>",
      "<.bob@x>", "<bob.@x>", "<b..b@x>", "<bo b@x>", "<bob@x_y>", "<bob@-x>", "<bob@x->", "<bob@x.>", "<bob@x..y>",
      "<\"bob@x>", "<\"bob\\>", "<bob@[1.2.3]>", "<bob@[1.2.3.256]>", "<bob@[::1]>", "<bob@[IPv6:1.2.3.4]>",
      "<bob@[IPv6:::1>", "<bob@[tag:x]>", "<<bob@x>>", "<bob@x>>", "<a@b@c>", "<postmaster>");
  CAPTURE(path);
  const auto parsed = parseCommand("MAIL FROM:" + path);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == 501);
}

TEST_CASE("local parts, labels and domains have bounds", "[smtp]") {
  const std::string label(63, 'x');
  CHECK(parseCommand("RCPT TO:<" + std::string(255, 'a') + "@x>"));
  CHECK_FALSE(parseCommand("RCPT TO:<" + std::string(256, 'a') + "@x>"));
  CHECK(parseCommand("RCPT TO:<a@" + label + '.' + label + '.' + label + '.' + label + '>'));
  CHECK_FALSE(parseCommand("RCPT TO:<a@" + label + "x>"));
  CHECK_FALSE(parseCommand("RCPT TO:<a@" + label + '.' + label + '.' + label + '.' + label + ".x>"));
}

TEST_CASE("RCPT knows the postmaster without a domain", "[smtp]") {
  const auto [line, path] = GENERATE(table<std::string, std::string>({
      {"RCPT TO:<Postmaster>", "Postmaster"},
      {"RCPT TO:<POSTMASTER>", "Postmaster"},
      {"rcpt to:<postmaster@x.example>", "postmaster@x.example"},
  }));
  const auto parsed = parseCommand(line);
  REQUIRE(parsed);
  CHECK(std::get<Rcpt>(*parsed).forwardPath == path);
}

TEST_CASE("parameters of MAIL", "[smtp]") {
  const auto parsed = parseCommand(
      "MAIL FROM:<a@x> size=1000 Body=8bitmime SMTPUTF8 AUTH=e+3Dmc2@example.com RET=HDRS ENVID=QQ314159", kAll);
  REQUIRE(parsed);
  const MailParameters& parameters = std::get<Mail>(*parsed).parameters;
  CHECK(parameters.size == 1000);
  CHECK(parameters.body == Body::eightBitMime);
  CHECK(parameters.smtpUtf8);
  CHECK(parameters.auth == "e=mc2@example.com");  // RFC 4954 §5.1
  CHECK(parameters.ret == Ret::headers);
  CHECK(parameters.envid == "QQ314159");
}

TEST_CASE("AUTH=<> is a parameter that says nothing", "[smtp]") {
  const auto parsed = parseCommand("MAIL FROM:<john+@example.org> AUTH=<>", kAll);
  REQUIRE(parsed);
  CHECK(std::get<Mail>(*parsed).parameters.auth == "");
}

TEST_CASE("a SIZE beyond 64 bits is as large as can be", "[smtp]") {
  const auto parsed = parseCommand("MAIL FROM:<> SIZE=99999999999999999999");
  REQUIRE(parsed);
  CHECK(std::get<Mail>(*parsed).parameters.size == UINT64_MAX);
}

TEST_CASE("parameters of RCPT", "[smtp]") {
  const std::string key(64, 'a');
  const auto parsed = parseCommand(
      "RCPT TO:<Carol@Ivory.EDU> NOTIFY=SUCCESS,delay ORCPT=rfc822;Carol+2B@Ivory.EDU XDELIVERYID=01ABC XRETRYKEY=" +
          key,
      kAll);
  REQUIRE(parsed);
  const RcptParameters& parameters = std::get<Rcpt>(*parsed).parameters;
  CHECK(parameters.notify == Notify{.success = true, .delay = true});
  CHECK(parameters.originalRecipient == OriginalRecipient{"rfc822", "Carol+@Ivory.EDU"});
  CHECK(parameters.deliveryId == "01ABC");
  CHECK(parameters.retryKey == key);
  const auto never = parseCommand("RCPT TO:<a@x> NOTIFY=NEVER", kAll);
  REQUIRE(never);
  CHECK(std::get<Rcpt>(*never).parameters.notify == Notify{});
}

TEST_CASE("bad parameters are refused", "[smtp]") {
  const auto [line, code] = GENERATE(table<std::string, std::string>({
      {"MAIL FROM:<> SIZE", "501 5.5.4"},
      {"MAIL FROM:<> SIZE=", "501 5.5.4"},
      {"MAIL FROM:<> SIZE=1x", "501 5.5.4"},
      {"MAIL FROM:<> SIZE=-1", "501 5.5.4"},
      {"MAIL FROM:<> SIZE=100000000000000000000", "501 5.5.4"},
      {"MAIL FROM:<> SIZE=1 SIZE=1", "501 5.5.4"},
      {"MAIL FROM:<>SIZE=1", "501 5.5.4"},
      {"MAIL FROM:<> =1", "501 5.5.4"},
      {"MAIL FROM:<> SIZE=1=2", "501 5.5.4"},
      {"MAIL FROM:<> BODY=BINARYMIME", "501 5.5.4"},
      {"MAIL FROM:<> SMTPUTF8=yes", "501 5.5.4"},
      {"MAIL FROM:<> RET=BOTH", "501 5.5.4"},
      {"MAIL FROM:<> RET=FULL RET=FULL", "501 5.5.4"},
      {"MAIL FROM:<> ENVID=a+0A", "501 5.5.4"},
      {"MAIL FROM:<> ENVID=a+2b", "501 5.5.4"},
      {"MAIL FROM:<> AUTH=nobody", "501 5.5.4"},
      {"MAIL FROM:<> NOTIFY=NEVER", "555 5.5.4"},
      {"MAIL FROM:<> XYZZY", "555 5.5.4"},
      {"RCPT TO:<a@x> SIZE=1", "555 5.5.4"},
      {"RCPT TO:<a@x> NOTIFY=NEVER,SUCCESS", "501 5.5.4"},
      {"RCPT TO:<a@x> NOTIFY=SUCCESS,", "501 5.5.4"},
      {"RCPT TO:<a@x> ORCPT=a@x", "501 5.5.4"},
      {"RCPT TO:<a@x> ORCPT=rfc822;", "501 5.5.4"},
      {"RCPT TO:<a@x> XDELIVERYID=a.b", "501 5.5.4"},
      {"RCPT TO:<a@x> XRETRYKEY=abc", "501 5.5.4"},
  }));
  CAPTURE(line);
  CHECK(refusal(line, kAll).substr(0, 9) == code);
}

TEST_CASE("a parameter of an extension that was not announced is unknown", "[smtp]") {
  CHECK(refusal("MAIL FROM:<> RET=FULL") == "555 5.5.4 Parameter RET not known here");
  CHECK(refusal("MAIL FROM:<> AUTH=<>") == "555 5.5.4 Parameter AUTH not known here");
  CHECK(refusal("RCPT TO:<a@x> XDELIVERYID=1") == "555 5.5.4 Parameter XDELIVERYID not known here");
  CHECK(refusal("MAIL FROM:<> SIZE=1", {.size = false}) == "555 5.5.4 Parameter SIZE not known here");
}

TEST_CASE("an address beyond ASCII wants SMTPUTF8", "[smtp]") {
  CHECK(refusal("MAIL FROM:<b\xC3\xBC@x>").substr(0, 9) == "553 5.6.7");
  CHECK(parseCommand("MAIL FROM:<b\xC3\xBC@x> BODY=8BITMIME SMTPUTF8"));
}

TEST_CASE("greetings name the client", "[smtp]") {
  const auto [line, name] = GENERATE(table<std::string, std::string>({
      {"EHLO foo.com", "foo.com"},
      {"ehlo [192.0.2.7]", "[192.0.2.7]"},
      {"EHLO [IPv6:2001:db8::7]", "[IPv6:2001:db8::7]"},
      {"EHLO DESKTOP_7 ", "DESKTOP_7"},
  }));
  const auto parsed = parseCommand(line);
  REQUIRE(parsed);
  CHECK(std::get<Ehlo>(*parsed).domain == name);
}

TEST_CASE("commands without arguments, and with some", "[smtp]") {
  CHECK(parseCommand("DATA") == Command(Data{}));
  CHECK(parseCommand("rset") == Command(Rset{}));
  CHECK(parseCommand("QUIT") == Command(Quit{}));
  CHECK(parseCommand("STARTTLS") == Command(StartTls{}));
  CHECK(parseCommand("NOOP") == Command(Noop{}));
  CHECK(parseCommand("NOOP whatever it is") == Command(Noop{}));
  CHECK(parseCommand("HELP") == Command(Help{}));
  CHECK(parseCommand("HELP MAIL") == Command(Help{"MAIL"}));
  CHECK(parseCommand("VRFY Crispin") == Command(Vrfy{"Crispin"}));
  CHECK(parseCommand("EXPN Staff") == Command(Expn{"Staff"}));
  CHECK(parseCommand("LHLO foo.edu") == Command(Lhlo{"foo.edu"}));
  CHECK(parseCommand("HELO foo.edu") == Command(Helo{"foo.edu"}));
}

TEST_CASE("AUTH with and without an initial response", "[smtp]") {
  CHECK(parseCommand("AUTH PLAIN") == Command(Auth{"PLAIN", std::nullopt}));
  CHECK(parseCommand("auth plain dGVzdAB0ZXN0ADEyMzQ=") ==
        Command(Auth{"PLAIN", std::string("test\0test\0001234", 14)}));
  CHECK(parseCommand("AUTH EXTERNAL =") == Command(Auth{"EXTERNAL", ""}));  // RFC 4954 §4.1
  CHECK(refusal("AUTH PLAIN =AAA").substr(0, 9) == "501 5.5.2");
  CHECK(refusal("AUTH PLAIN AAA=BBB").substr(0, 9) == "501 5.5.2");
  CHECK(refusal("AUTH").substr(0, 9) == "501 5.5.4");
}

TEST_CASE("what is no command is refused", "[smtp]") {
  const auto [line, code] = GENERATE(table<std::string, std::string>({
      {"", "500 5.5.1"},
      {"EHLOX foo", "500 5.5.1"},
      {"BDAT 10 LAST", "500 5.5.1"},
      {"GET / HTTP/1.1", "500 5.5.1"},
      {" MAIL FROM:<>", "500 5.5.1"},
      {"MAIL:", "500 5.5.1"},
      {std::string("NOOP\0", 5), "500 5.5.2"},
      {"NOOP\rQUIT", "500 5.5.2"},
      {"NOOP\nQUIT", "500 5.5.2"},
      {"NOOP \xFF", "500 5.5.2"},
      {"EHLO", "501 5.5.4"},
      {"EHLO \xC3\xBC", "501 5.5.4"},
      {"EHLO a b", "501 5.5.4"},
      {"MAIL", "501 5.5.4"},
      {"MAIL TO:<a@x>", "501 5.5.4"},
      {"MAIL FROM", "501 5.5.4"},
      {"MAIL FROM:", "501 5.1.7"},
      {"RCPT TO:", "501 5.1.3"},
      {"RCPT TO:<>", "501 5.1.3"},
      {"DATA now", "501 5.5.4"},
      {"QUIT please", "501 5.5.4"},
      {"VRFY", "501 5.5.4"},
  }));
  CAPTURE(line);
  CHECK(refusal(line).substr(0, 9) == code);
}

TEST_CASE("what is printed is parsed back", "[smtp]") {
  const std::string line = GENERATE(
      as<std::string>(), "HELO a", "LHLO [192.0.2.1]", "MAIL FROM:<a@x> SIZE=1 BODY=7BIT AUTH=<> RET=FULL ENVID=+2B",
      "RCPT TO:<\"a b\"@x> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=x400;+20 XDELIVERYID=1", "RCPT TO:<Postmaster>",
      "AUTH X YQ==", "AUTH X =", "AUTH X", "VRFY a b", "EXPN l", "HELP x", "DATA", "RSET", "NOOP", "QUIT", "STARTTLS");
  const auto parsed = parseCommand(line, kAll);
  REQUIRE(parsed);
  CHECK(text(*parsed) == line);
}
