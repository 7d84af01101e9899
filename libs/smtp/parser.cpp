// Commands of SMTP and LMTP, RFC 5321 §4.1.1, RFC 2033 §4.1, RFC 3207 §4, RFC 4954 §4.
#include "smtp/parser.h"

#include <algorithm>
#include <string>

#include "base/base64.h"
#include "base/utf8.h"
#include "smtp/mailbox.h"

namespace posthouse::smtp {
namespace {

/// The codes of the reply if what is being read does not parse.
struct Blame {
  int code;
  std::string_view status;
};

/// [SP String], whose content means nothing to us.
std::string optionalArgument(Cursor& in) {
  if (in.atEnd()) return {};
  in.expect(" ");
  return std::string(in.takeOctets(in.rest().size()));
}

std::string argument(Cursor& in, std::string_view what) {
  in.expect(" ");
  if (in.atEnd()) throw SyntaxError("expected " + std::string(what));
  return std::string(in.takeOctets(in.rest().size()));
}

/// ehlo = "EHLO" SP ( Domain / address-literal ). Host names with underscores are let through: many clients have one,
/// and it serves the trace only (§4.1.4).
std::string clientName(Cursor& in) {
  in.expect(" ");
  if (in.peek() == '[') return addressLiteral(in);
  const auto isName = [](char c) { return ascii::isAlnum(c) || c == '-' || c == '.' || c == '_'; };
  const std::string_view name = in.expectWhile(isName, "a domain or an address literal");
  if (name.size() > 255) throw SyntaxError("domain too long");
  return std::string(name);
}

/// A-d-l = At-domain *( "," At-domain ); At-domain = "@" Domain. Read and dropped (§3.3, Appendix C).
void sourceRoute(Cursor& in) {
  do {
    in.expect("@");
    domain(in);
  } while (in.take(","));
  in.expect(":");
}

/// Path = "<" [ A-d-l ":" ] Mailbox ">", after its first bracket
std::string pathRest(Cursor& in) {
  if (in.peek() == '@') sourceRoute(in);
  const Mailbox named = mailbox(in);
  in.expect(">");
  return named.text();
}

/// Reverse-path = Path / "<>"
std::string reversePath(Cursor& in) {
  in.expect("<");
  return in.take(">") ? std::string() : pathRest(in);
}

/// "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path
std::string forwardPath(Cursor& in) {
  in.expect("<");
  return in.take("Postmaster>") ? std::string("Postmaster") : pathRest(in);
}

bool isInternational(const std::string& path) {
  return std::ranges::any_of(path, ascii::isEightBit);
}

/// mail = "MAIL FROM:" Reverse-path [SP Mail-parameters]
Mail mail(Cursor& in, const Extensions& extensions, Blame& blame) {
  in.expect(" FROM:");
  blame.status = "5.1.7";
  Mail read{.reversePath = reversePath(in)};
  blame.status = "5.5.4";
  read.parameters = mailParameters(in, extensions);
  if (isInternational(read.reversePath) && !read.parameters.smtpUtf8) {
    blame = {553, "5.6.7"};  // RFC 6531 §3.5
    throw SyntaxError("an address beyond ASCII wants SMTPUTF8");
  }
  return read;
}

/// rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path ) [SP Rcpt-parameters]
Rcpt rcpt(Cursor& in, const Extensions& extensions, Blame& blame) {
  in.expect(" TO:");
  blame.status = "5.1.3";
  Rcpt read{.forwardPath = forwardPath(in)};
  blame.status = "5.5.4";
  read.parameters = rcptParameters(in, extensions);
  return read;
}

/// "AUTH" SP sasl-mech [SP initial-response]; initial-response = base64 / "=", RFC 4954 §8
/// sasl-mech = 1*20(UPPER-ALPHA / DIGIT / "-" / "_"), RFC 4422 §3.1
Auth auth(Cursor& in, Blame& blame) {
  in.expect(" ");
  const auto isMech = [](char c) { return ascii::isAlnum(c) || c == '-' || c == '_'; };
  const std::string_view mechanism = in.expectWhile(isMech, "a mechanism");
  if (mechanism.size() > 20) throw SyntaxError("no mechanism has such a name");
  Auth read{.mechanism = ascii::toUpper(mechanism), .initialResponse = std::nullopt};
  if (in.atEnd()) return read;
  in.expect(" ");
  blame.status = "5.5.2";
  const std::string_view response = in.takeOctets(in.rest().size());
  read.initialResponse = response == "=" ? std::string() : base64::decode(response);
  if (!read.initialResponse || response.empty()) throw SyntaxError("initial response is not base 64");
  return read;
}

Command command(Cursor& in, const Extensions& extensions, Blame& blame) {
  const std::string verb = ascii::toUpper(in.takeWhile(ascii::isAlpha));
  const bool delimited = in.atEnd() || in.peek() == ' ';
  blame = {501, "5.5.4"};
  if (delimited) {
    if (verb == "EHLO") return Ehlo{clientName(in)};
    if (verb == "HELO") return Helo{clientName(in)};
    if (verb == "LHLO") return Lhlo{clientName(in)};
    if (verb == "MAIL") return mail(in, extensions, blame);
    if (verb == "RCPT") return rcpt(in, extensions, blame);
    if (verb == "DATA") return Data{};
    if (verb == "RSET") return Rset{};
    if (verb == "QUIT") return Quit{};
    if (verb == "STARTTLS") return StartTls{};
    if (verb == "NOOP") return optionalArgument(in), Noop{};
    if (verb == "HELP") return Help{optionalArgument(in)};
    if (verb == "VRFY") return Vrfy{argument(in, "a mailbox")};
    if (verb == "EXPN") return Expn{argument(in, "a list")};
    if (verb == "AUTH") return auth(in, blame);
  }
  blame = {500, "5.5.1"};
  throw SyntaxError("command not recognized");
}

Reply refusal(const Blame& blame, const SyntaxError& error) {
  std::string text = error.what();
  text.front() = ascii::toUpper(text.front());
  return Reply(blame.code, std::string(blame.status) + ' ' + text);
}

}  // namespace

std::expected<Command, Reply> parseCommand(std::string_view line, const Extensions& extensions) {
  Blame blame{500, "5.5.2"};
  try {
    if (std::ranges::any_of(line, [](char c) { return ascii::isControl(c) && c != '\t'; })) {
      throw SyntaxError("control character in a command");
    }
    if (!utf8::isValid(line)) throw SyntaxError("neither ASCII nor UTF-8");
    while (!line.empty() && ascii::isBlank(line.back())) line.remove_suffix(1);  // tolerated, §4.1.1
    Cursor in(line);
    Command parsed = command(in, extensions, blame);
    if (!in.atEnd()) throw SyntaxError("text after the command");
    return parsed;
  } catch (const UnknownParameter& error) {
    return std::unexpected(refusal({555, "5.5.4"}, error));
  } catch (const SyntaxError& error) {
    return std::unexpected(refusal(blame, error));
  }
}

}  // namespace posthouse::smtp
