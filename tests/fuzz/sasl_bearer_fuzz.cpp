// Whatever a client shows, what is taken for its token is a b64token and stands in the message; what is read as XOAUTH2
// writes back what it came from, and as OAUTHBEARER what reads the same. An error challenge is one line of printable
// text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "sasl/gs2.h"
#include "sasl/oauthbearer.h"
#include "sasl/xoauth2.h"

using namespace posthouse;
using namespace posthouse::sasl;

namespace {

bool isToken(std::string_view token) {
  const std::string_view body = token.substr(0, token.find('='));
  if (body.empty() || token.find_first_not_of('=', body.size()) != std::string_view::npos) return false;
  for (const char c : body) {
    if (!ascii::isAlnum(c) && !std::string_view("-._~+/").contains(c)) return false;
  }
  return true;
}

std::string written(const OauthBearerResponse& response) {
  std::string text = toString(Gs2Header{.flag = ChannelBindingFlag::unsupported,
                                        .channelBindingType = {},
                                        .authorizationIdentity = response.authorizationIdentity});
  text += "\x01host=" + response.host + "\x01qs=" + response.query + "\x01";
  if (response.port) text += "port=" + std::to_string(*response.port) + "\x01";
  return text + "auth=" + (response.token.empty() ? "" : "Bearer " + response.token) + "\x01\x01";
}

void checkOauthBearer(std::string_view message) {
  const auto response = parseOauthBearer(message);
  if (!response) return;
  if (!response->token.empty() && (!isToken(response->token) || !message.contains(response->token))) std::abort();
  if (response->port == 0) std::abort();
  const std::string again = written(*response);
  if (again.size() <= OauthBearerResponse::kMaxSize && parseOauthBearer(again) != *response) std::abort();
}

void checkXoauth2(std::string_view message) {
  const auto response = parseXoauth2(message);
  if (!response) return;
  if (response->user.empty() || !isToken(response->token)) std::abort();
  const std::string start = "user=" + response->user +
                            "\x01"
                            "auth=Bearer ";
  const std::string end = response->token + "\x01\x01";
  if (!ascii::startsWithIgnoringCase(message, start) || !message.ends_with(end)) std::abort();
  const std::string_view between = message.substr(start.size(), message.size() - start.size() - end.size());
  if (between.find_first_not_of(' ') != std::string_view::npos) std::abort();
}

void checkChallenge(const std::string& challenge, std::string_view start) {
  if (!challenge.starts_with(start) || !challenge.ends_with('}')) std::abort();
  for (const char c : challenge) {
    if (ascii::isControl(c)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  checkOauthBearer(input);
  checkXoauth2(input);
  const std::string scope(input);
  checkChallenge(errorChallenge(OauthBearerError{.status = "x", .scope = scope, .openidConfiguration = scope}),
                 "{\"status\":\"x\"");
  checkChallenge(errorChallenge(Xoauth2Error{.status = "401", .schemes = "bearer", .scope = scope}),
                 "{\"status\":\"401\",\"schemes\":\"bearer\"");
  return 0;
}
