// OAUTHBEARER, RFC 7628 §3; the token RFC 6750 §2.1.
#include "sasl/oauthbearer.h"

#include <set>

#include "base/ascii.h"
#include "base/cursor.h"
#include "sasl/bearer.h"
#include "sasl/gs2.h"

namespace posthouse::sasl {
namespace {

/// key = 1*(ALPHA)
std::string_view key(Cursor& in) {
  return in.expectWhile(ascii::isAlpha, "a key");
}

/// value = *(VCHAR / SP / HTAB / CR / LF )
std::string_view value(Cursor& in) {
  return in.takeWhile([](char c) { return (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n'; });
}

/// "A decimal positive integer string without leading zeros."
std::uint16_t port(std::string_view text) {
  Cursor in(text);
  if (in.peek() == '0') throw SyntaxError("a port begins with 0");
  const auto number = in.number<std::uint16_t>();
  if (!in.atEnd()) throw SyntaxError("not a port");
  return number;
}

/// The payload of an Authorization header; empty from a client that asks for the scope (§4.3).
std::string authorization(std::string_view text) {
  if (text.empty()) return {};
  Cursor in(text);
  std::string token = bearerCredentials(in);
  if (!in.atEnd()) throw SyntaxError("not a bearer token");
  return token;
}

/// kvpair = key "=" value kvsep
void pair(Cursor& in, OauthBearerResponse& response, std::set<std::string_view>& seen) {
  const std::string_view name = key(in);
  expectExactly(in, "=");
  const std::string_view text = value(in);
  expectExactly(in, kKvsep);
  if (name != "auth" && name != "host" && name != "port" && name != "qs") return;
  if (!seen.insert(name).second) throw SyntaxError("a key comes twice");
  if (name == "auth") response.token = authorization(text);
  if (name == "host") response.host = text;
  if (name == "port") response.port = port(text);
  if (name == "qs") response.query = text;
}

/// client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep; the second form answers an error challenge alone.
OauthBearerResponse clientResponse(Cursor& in) {
  OauthBearerResponse response;
  Gs2Header header = gs2Header(in);
  if (header.flag == ChannelBindingFlag::required) throw SyntaxError("there is no channel binding");
  response.authorizationIdentity = std::move(header.authorizationIdentity);
  expectExactly(in, kKvsep);
  std::set<std::string_view> seen;
  while (!takeExactly(in, kKvsep)) pair(in, response, seen);
  if (!in.atEnd()) throw SyntaxError("text after the message");
  if (!seen.contains("auth")) throw SyntaxError("auth is missing");
  return response;
}

}  // namespace

std::expected<OauthBearerResponse, Malformed> parseOauthBearer(std::string_view response) try {
  if (response.size() > OauthBearerResponse::kMaxSize) throw SyntaxError("the message is too long");
  Cursor in(response);
  return clientResponse(in);
} catch (const SyntaxError&) {
  return std::unexpected(Malformed{"not a message of OAUTHBEARER"});
}

std::string errorChallenge(const OauthBearerError& error) {
  return jsonObject(
      {{"status", error.status}, {"scope", error.scope}, {"openid-configuration", error.openidConfiguration}});
}

bool isOauthBearerErrorAnswer(std::string_view response) noexcept {
  return response == kKvsep;
}

}  // namespace posthouse::sasl
