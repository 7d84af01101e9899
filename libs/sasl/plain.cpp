// PLAIN, RFC 4616 §2.
#include "sasl/plain.h"

#include "base/cursor.h"
#include "base/utf8.h"

namespace posthouse::sasl {
namespace {

/// SAFE = UTF1 / UTF2 / UTF3 / UTF4: any UTF-8 but NUL
std::string safe(Cursor& in) {
  return std::string(in.takeWhile([](char c) { return c != '\0'; }));
}

/// message = [authzid] UTF8NUL authcid UTF8NUL passwd
Credentials message(Cursor& in) {
  constexpr std::string_view kNul("\0", 1);
  Credentials credentials;
  credentials.authorizationIdentity = safe(in);
  in.expect(kNul);
  credentials.authenticationIdentity = safe(in);
  in.expect(kNul);
  credentials.password = safe(in);
  if (credentials.authenticationIdentity.empty() || credentials.password.empty() || !in.atEnd()) {
    throw SyntaxError("neither name nor password may be empty");
  }
  return credentials;
}

}  // namespace

Step Plain::next(std::optional<std::string_view> response) try {
  if (!response) return Challenge{};
  if (!utf8::isValid(*response)) throw SyntaxError("not UTF-8");
  Cursor in(*response);
  return message(in);
} catch (const SyntaxError&) {
  return Malformed{"not a message of PLAIN"};
}

}  // namespace posthouse::sasl
