// POP3 commands: RFC 1939 §5 to §7, CAPA RFC 2449 §5, STLS RFC 2595 §4, AUTH RFC 5034 §5, UTF8 and LANG
// RFC 6856. What is refused is in texts/english.h, too.
#include <algorithm>
#include <limits>

#include "base/ascii.h"
#include "base/cursor.h"
#include "pop3/command.h"

namespace posthouse::pop3 {

namespace {

bool isVisible(char c) {
  return !ascii::isControl(c) && c != ' ';
}

/// SP, and any more blanks that a client puts there.
void space(Cursor& in) {
  in.expectWhile(ascii::isBlank, "a space and an argument");
}

bool takeSpace(Cursor& in) {
  return !in.takeWhile(ascii::isBlank).empty() && !in.atEnd();
}

/// A message-number in decimal, from 1 (RFC 1939 §5).
MessageNumber messageNumber(Cursor& in) {
  const auto number = in.number<std::uint32_t>();
  if (number == 0) throw SyntaxError("message numbers begin with 1");
  return MessageNumber{number};
}

std::optional<MessageNumber> optionalMessageNumber(Cursor& in) {
  if (!takeSpace(in)) return std::nullopt;
  return messageNumber(in);
}

MessageNumber requiredMessageNumber(Cursor& in) {
  space(in);
  return messageNumber(in);
}

/// A count of lines. Some clients ask for more than any integer holds and mean all of them.
std::uint64_t lineCount(Cursor& in) {
  const std::string_view digits = in.expectWhile(ascii::isDigit, "a number of lines");
  if (digits.size() > std::numeric_limits<std::uint64_t>::digits10) return std::numeric_limits<std::uint64_t>::max();
  return Cursor(digits).number<std::uint64_t>();
}

/// All that follows one space: the argument of USER and PASS.
std::string_view wholeArgument(Cursor& in) {
  in.expect(" ");
  const std::string_view argument = in.takeWhile([](char c) { return !ascii::isControl(c); });
  if (argument.empty()) throw SyntaxError("an argument is missing");
  return argument;
}

/// A 16-octet value in hexadecimal, of lower-case letters.
bool isMd5Digits(std::string_view text) {
  return text.size() == 32 &&
         std::ranges::all_of(text, [](char c) { return ascii::isDigit(c) || (c >= 'a' && c <= 'f'); });
}

/// name SP digest
Command apop(Cursor& in) {
  std::string_view arguments = wholeArgument(in);
  while (arguments.ends_with(' ')) arguments.remove_suffix(1);
  const std::size_t blank = arguments.rfind(' ');
  if (blank == 0 || blank == arguments.npos) throw SyntaxError("a name and a digest are wanted");
  const std::string_view digest = arguments.substr(blank + 1);
  if (!isMd5Digits(digest)) throw SyntaxError("a digest is 32 lower-case hexadecimal digits");
  return Apop{std::string(arguments.substr(0, blank)), std::string(digest)};
}

constexpr std::size_t kMostOfMechanism = 20;  // sasl-mech = 1*20mech-char, RFC 4422 §3.1

bool isMechanism(char c) {
  return ascii::isAlnum(c) || c == '-' || c == '_';
}

/// sasl-mech [SP initial-response], RFC 5034 §5; what the response holds, the mechanism says.
Command auth(Cursor& in) {
  if (!takeSpace(in)) return ListMechanisms{};
  Auth auth;
  const std::string_view mechanism = in.expectWhile(isMechanism, "a mechanism");
  if (mechanism.size() > kMostOfMechanism) throw SyntaxError("expected a mechanism");
  auth.mechanism = ascii::toUpper(mechanism);
  if (takeSpace(in)) auth.initialResponse = std::string(in.expectWhile(isVisible, "an initial response"));
  return auth;
}

Command top(Cursor& in) {
  const MessageNumber message = requiredMessageNumber(in);
  space(in);
  return Top{message, lineCount(in)};
}

/// language-range = (1*8ALPHA *("-" 1*8alphanum)) / "*", RFC 4647 §2.1
std::string languageRange(Cursor& in) {
  if (in.take("*")) return "*";
  constexpr std::size_t kMaxSubtag = 8;
  std::string range;
  do {
    const std::string_view subtag = in.takeWhile(ascii::isAlnum);
    const bool isFirst = range.empty();
    if (subtag.empty() || subtag.size() > kMaxSubtag || (isFirst && !std::ranges::all_of(subtag, ascii::isAlpha)))
      throw SyntaxError("expected a language");
    range.append(isFirst ? "" : "-").append(subtag);
  } while (in.take("-"));
  return range;
}

Command lang(Cursor& in) {
  if (!takeSpace(in)) return Lang{};
  return Lang{languageRange(in)};
}

/// command = keyword *(SP param), RFC 2449 §3
Command command(Cursor& in) {
  const std::string word = ascii::toUpper(in.expectWhile(isVisible, "a command"));
  if (word == "CAPA") return Capa{};
  if (word == "STLS") return Stls{};
  if (word == "QUIT") return Quit{};
  if (word == "STAT") return Stat{};
  if (word == "NOOP") return Noop{};
  if (word == "RSET") return Rset{};
  if (word == "USER") return User{std::string(wholeArgument(in))};
  if (word == "PASS") return Pass{std::string(wholeArgument(in))};
  if (word == "APOP") return apop(in);
  if (word == "AUTH") return auth(in);
  if (word == "LIST") return List{optionalMessageNumber(in)};
  if (word == "UIDL") return Uidl{optionalMessageNumber(in)};
  if (word == "TOP") return top(in);
  if (word == "RETR") return Retr{requiredMessageNumber(in)};
  if (word == "DELE") return Dele{requiredMessageNumber(in)};
  if (word == "UTF8") return Utf8{};
  if (word == "LANG") return lang(in);
  throw SyntaxError("unknown command");
}

struct Keyword {
  std::string_view operator()(const Capa&) const { return "CAPA"; }
  std::string_view operator()(const Stls&) const { return "STLS"; }
  std::string_view operator()(const Quit&) const { return "QUIT"; }
  std::string_view operator()(const Stat&) const { return "STAT"; }
  std::string_view operator()(const Noop&) const { return "NOOP"; }
  std::string_view operator()(const Rset&) const { return "RSET"; }
  std::string_view operator()(const User&) const { return "USER"; }
  std::string_view operator()(const Pass&) const { return "PASS"; }
  std::string_view operator()(const Apop&) const { return "APOP"; }
  std::string_view operator()(const Auth&) const { return "AUTH"; }
  std::string_view operator()(const ListMechanisms&) const { return "AUTH"; }
  std::string_view operator()(const List&) const { return "LIST"; }
  std::string_view operator()(const Uidl&) const { return "UIDL"; }
  std::string_view operator()(const Retr&) const { return "RETR"; }
  std::string_view operator()(const Dele&) const { return "DELE"; }
  std::string_view operator()(const Top&) const { return "TOP"; }
  std::string_view operator()(const Utf8&) const { return "UTF8"; }
  std::string_view operator()(const Lang&) const { return "LANG"; }
};

}  // namespace

std::expected<Command, Reply> parseCommand(std::string_view line) try {
  Cursor in(line);
  Command parsed = command(in);
  in.takeWhile(ascii::isBlank);
  if (!in.atEnd()) throw SyntaxError("unexpected text after the command");
  return parsed;
} catch (const SyntaxError& error) {
  return std::unexpected(Reply::errorSaying(error.what()));
}

std::string_view keyword(const Command& command) {
  return std::visit(Keyword{}, command);
}

}  // namespace posthouse::pop3
