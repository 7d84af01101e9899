// XOAUTH2, after Google's "OAuth 2.0 Mechanism" for IMAP, POP and SMTP.
#include "sasl/xoauth2.h"

#include "base/ascii.h"
#include "base/cursor.h"
#include "base/utf8.h"
#include "sasl/bearer.h"
#include "sasl/gs2.h"

namespace posthouse::sasl {
namespace {

/// "user=" {User} ^A
std::string user(Cursor& in) {
  expectExactly(in, "user=");
  const std::string_view name = in.expectWhile([](char c) { return !ascii::isControl(c); }, "a name");
  if (!utf8::isValid(name)) throw SyntaxError("a name is not UTF-8");
  expectExactly(in, kKvsep);
  return std::string(name);
}

/// "auth=Bearer " {Access Token} ^A ^A
std::string auth(Cursor& in) {
  expectExactly(in, "auth=");
  std::string token = bearerCredentials(in);
  expectExactly(in, kKvsep);
  expectExactly(in, kKvsep);
  return token;
}

}  // namespace

std::expected<Xoauth2Response, Malformed> parseXoauth2(std::string_view response) try {
  if (response.size() > Xoauth2Response::kMaxSize) throw SyntaxError("the message is too long");
  Cursor in(response);
  Xoauth2Response parsed;
  parsed.user = user(in);
  parsed.token = auth(in);
  if (!in.atEnd()) throw SyntaxError("text after the message");
  return parsed;
} catch (const SyntaxError&) {
  return std::unexpected(Malformed{"not a message of XOAUTH2"});
}

std::string errorChallenge(const Xoauth2Error& error) {
  return jsonObject({{"status", error.status}, {"schemes", error.schemes}, {"scope", error.scope}});
}

bool isXoauth2ErrorAnswer(std::string_view response) noexcept {
  return response.empty() || response == kKvsep;
}

}  // namespace posthouse::sasl
