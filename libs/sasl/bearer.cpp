// Bearer credentials, RFC 6750 §2.1; objects of JSON, RFC 8259 §4 and §7.
#include "sasl/bearer.h"

#include "base/ascii.h"

namespace posthouse::sasl {
namespace {

/// b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
std::string b64token(Cursor& in) {
  std::string token(in.expectWhile([](char c) { return ascii::isAlnum(c) || std::string_view("-._~+/").contains(c); },
                                   "a bearer token"));
  token += in.takeWhile([](char c) { return c == '='; });
  return token;
}

/// string = quotation-mark *char quotation-mark
std::string jsonString(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (ascii::isControl(c)) {
      quoted += {'\\', 'u', '0', '0', kHex[static_cast<unsigned char>(c) >> 4], kHex[c & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

std::string bearerCredentials(Cursor& in) {
  in.expect("Bearer");  // the name of a scheme: letters of either case (RFC 7628 §4)
  in.expectWhile([](char c) { return c == ' '; }, "a space");
  return b64token(in);
}

std::string jsonObject(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  std::string object;
  for (const auto& [name, value] : members) {
    if (value.empty()) continue;
    object += object.empty() ? '{' : ',';
    object += jsonString(name) + ':' + jsonString(value);
  }
  return object.empty() ? "{}" : object + '}';
}

}  // namespace posthouse::sasl
