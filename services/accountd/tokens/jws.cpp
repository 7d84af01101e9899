// The compact form, RFC 7515 §7.1; its header §4.
#include "tokens/jws.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/cursor.h"
#include "tokens/json.h"

namespace posthouse::accountd {
namespace {

using nlohmann::json;

/// BASE64URL(octets)
std::string part(std::string_view text) {
  auto octets = base64url::decode(text);
  if (!octets) throw SyntaxError("not base 64 for URLs");
  return *std::move(octets);
}

std::optional<std::string> optionalText(const json& header, const char* name) {
  const auto found = header.find(name);
  if (found == header.end()) return std::nullopt;
  if (!found->is_string()) throw SyntaxError("a member of the header is no text");
  return found->get<std::string>();
}

/// A media type, "application/" left out (RFC 7515 §4.1.9). Most issuers say "JWT", as before RFC 9068.
bool isOfAccessToken(std::string_view type) {
  constexpr std::string_view kPrefix = "application/";
  if (ascii::startsWithIgnoringCase(type, kPrefix)) type.remove_prefix(kPrefix.size());
  return ascii::equalsIgnoringCase(type, "at+jwt") || ascii::equalsIgnoringCase(type, "JWT");
}

}  // namespace

bool looksLikeJws(std::string_view token) {
  return std::ranges::count(token, '.') == 2;
}

std::expected<Jws, TokenRefusal> parseJws(std::string_view token) try {
  if (token.size() > Jws::kMaxSize || !looksLikeJws(token)) return std::unexpected(TokenRefusal::malformed);
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  const json header = parseJsonObject(part(token.substr(0, first)));
  if (header.contains("crit")) return std::unexpected(TokenRefusal::malformed);
  if (const auto type = optionalText(header, "typ"); type && !isOfAccessToken(*type))
    return std::unexpected(TokenRefusal::malformed);
  const auto algorithm = jwsAlgorithm(optionalText(header, "alg").value_or(""));
  if (!algorithm) return std::unexpected(TokenRefusal::algorithm);
  Jws jws{.algorithm = *algorithm,
          .keyId = optionalText(header, "kid"),
          .signingInput = std::string(token.substr(0, second)),
          .payload = part(token.substr(first + 1, second - first - 1)),
          .signature = part(token.substr(second + 1))};
  if (jws.signature.empty() || jws.signature.size() > Jws::kMaxSignature)
    return std::unexpected(TokenRefusal::malformed);
  return jws;
} catch (const SyntaxError&) {
  return std::unexpected(TokenRefusal::malformed);
}

}  // namespace posthouse::accountd
