// The header of GS2 as SASL mechanisms write it, RFC 5802 §7 and RFC 5801 §4.
#include "sasl/gs2.h"

#include "base/ascii.h"
#include "base/utf8.h"

namespace posthouse::sasl {
namespace {

/// value-safe-char = UTF8-char except NUL, "=", and ","; that it is UTF-8 is seen to when the name is whole.
bool isValueSafe(char c) {
  return c != '\0' && c != '=' && c != ',';
}

/// cb-name = 1*(ALPHA / DIGIT / "." / "-")
std::string_view channelBindingName(Cursor& in) {
  return in.expectWhile([](char c) { return ascii::isAlnum(c) || c == '.' || c == '-'; }, "a channel binding type");
}

/// gs2-cbind-flag = ("p=" cb-name) / "n" / "y"
void channelBindingFlag(Cursor& in, Gs2Header& header) {
  if (takeExactly(in, "p=")) {
    header.flag = ChannelBindingFlag::required;
    header.channelBindingType = channelBindingName(in);
  } else if (takeExactly(in, "y")) {
    header.flag = ChannelBindingFlag::unseen;
  } else {
    expectExactly(in, "n");
  }
}

}  // namespace

bool takeExactly(Cursor& in, std::string_view literal) {
  if (!in.rest().starts_with(literal)) return false;
  in.takeOctets(literal.size());
  return true;
}

void expectExactly(Cursor& in, std::string_view literal) {
  if (!takeExactly(in, literal)) throw SyntaxError("expected '" + std::string(literal) + "'");
}

/// saslname = 1*(value-safe-char / "=2C" / "=3D")
std::string saslName(Cursor& in) {
  std::string name;
  while (true) {
    name += in.takeWhile(isValueSafe);
    if (in.peek() != '=') break;
    if (takeExactly(in, "=2C")) {
      name += ',';
    } else {
      expectExactly(in, "=3D");
      name += '=';
    }
  }
  if (name.empty() || !utf8::isValid(name)) throw SyntaxError("a name is not UTF-8, or empty");
  return name;
}

/// gs2-header = gs2-cbind-flag "," [ authzid ] ","
Gs2Header gs2Header(Cursor& in) {
  Gs2Header header;
  channelBindingFlag(in, header);
  expectExactly(in, ",");
  if (takeExactly(in, "a=")) header.authorizationIdentity = saslName(in);
  expectExactly(in, ",");
  return header;
}

std::string encodeSaslName(std::string_view name) {
  std::string encoded;
  for (const char c : name) {
    if (c == ',') {
      encoded += "=2C";
    } else if (c == '=') {
      encoded += "=3D";
    } else {
      encoded += c;
    }
  }
  return encoded;
}

std::string toString(const Gs2Header& header) {
  std::string text;
  switch (header.flag) {
    case ChannelBindingFlag::unsupported:
      text = "n,";
      break;
    case ChannelBindingFlag::unseen:
      text = "y,";
      break;
    case ChannelBindingFlag::required:
      text = "p=" + header.channelBindingType + ",";
      break;
  }
  if (!header.authorizationIdentity.empty()) text += "a=" + encodeSaslName(header.authorizationIdentity);
  return text + ",";
}

}  // namespace posthouse::sasl
