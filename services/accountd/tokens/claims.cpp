// Claims, RFC 7519 §4.1 and RFC 9068 §2.2.
#include "tokens/claims.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/cursor.h"
#include "tokens/json.h"

namespace posthouse::accountd {
namespace {

using nlohmann::json;

std::string text(const json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_string()) throw SyntaxError("a claim is no text");
  return found->get<std::string>();
}

/// NumericDate: seconds since 1970, maybe with a fraction.
std::optional<Claims::Time> date(const json& object, const std::string& name) {
  constexpr double kMost = 1e11;  // the year 5138
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (!found->is_number()) throw SyntaxError("a date is no number");
  const double seconds = found->get<double>();
  if (!(std::abs(seconds) < kMost)) throw SyntaxError("a date is out of range");
  return Claims::Time(std::chrono::duration<double>(seconds));
}

/// One text, or several.
std::vector<std::string> texts(const json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  if (found->is_string()) return {found->get<std::string>()};
  if (!found->is_array()) throw SyntaxError("a claim is no list");
  std::vector<std::string> all;
  for (const json& one : *found) {
    if (!one.is_string()) throw SyntaxError("a claim lists what is no text");
    all.push_back(one.get<std::string>());
  }
  return all;
}

/// scope = scope-token *( SP scope-token ) (RFC 6749 §3.3); "scp" is what some issuers call it, who may list them.
std::vector<std::string> scopes(const json& object) {
  std::vector<std::string> all;
  for (const char* name : {"scope", "scp"}) {
    for (const std::string& list : texts(object, name)) {
      for (std::size_t begin = 0; begin < list.size();) {
        const std::size_t end = std::min(list.find(' ', begin), list.size());
        if (end > begin) all.push_back(list.substr(begin, end - begin));
        begin = end + 1;
      }
    }
  }
  return all;
}

/// There are issuers that say it as a text.
bool isVerified(const json& object) {
  const auto found = object.find("email_verified");
  if (found == object.end() || found->is_null()) return true;
  return *found == json(true) || *found == json("true");
}

/// A token that is none of a bearer says so: of what key (RFC 7800), or by its type (RFC 9449 §6.2).
bool isBound(const json& object) {
  const std::string type = text(object, "token_type");
  return object.contains("cnf") || ascii::equalsIgnoringCase(type, "DPoP") || ascii::equalsIgnoringCase(type, "mac");
}

}  // namespace

Claims readClaims(const json& object, const std::string& accountClaim) {
  return {.issuer = text(object, "iss"),
          .audiences = texts(object, "aud"),
          .expires = date(object, "exp"),
          .notBefore = date(object, "nbf"),
          .scopes = scopes(object),
          .account = text(object, accountClaim),
          .isVerified = isVerified(object),
          .isBound = isBound(object)};
}

Claims claimsOf(std::string_view payload, const std::string& accountClaim) {
  return readClaims(parseJsonObject(payload), accountClaim);
}

std::string issuerOf(std::string_view payload) try {
  return text(parseJsonObject(payload), "iss");
} catch (const SyntaxError&) {
  return {};
}

}  // namespace posthouse::accountd
