// The client's messages of SCRAM, RFC 5802 §7.
#include "sasl/scram_message.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "base/utf8.h"

namespace posthouse::sasl {
namespace {

/// A syntax error that the RFC has a word of its own for.
class NamedError : public SyntaxError {
 public:
  explicit NamedError(ScramError error) : SyntaxError(std::string(toString(error))), error_(error) {}
  ScramError error() const noexcept { return error_; }

 private:
  ScramError error_;
};

/// The attributes of RFC 5802 §5.1, which have their places and are no extensions.
constexpr std::string_view kDefined = "anrcsipve";

/// printable = %x21-2B / %x2D-7E
bool isPrintable(char c) {
  return c > ' ' && c <= '~' && c != ',';
}

/// value-char = UTF8-char except NUL and ","
bool isValueChar(char c) {
  return c != '\0' && c != ',';
}

/// reserved-mext = "m=" 1*(value-char): "its presence MUST cause authentication failure" (§5.1).
void refuseMandatoryExtension(const Cursor& in) {
  if (in.rest().starts_with("m=")) throw NamedError(ScramError::extensionsNotSupported);
}

/// username = "n=" saslname
std::string username(Cursor& in) {
  expectExactly(in, "n=");
  try {
    return saslName(in);
  } catch (const SyntaxError&) {
    throw NamedError(ScramError::invalidUsernameEncoding);
  }
}

/// nonce = "r=" c-nonce [s-nonce]
std::string nonce(Cursor& in) {
  expectExactly(in, "r=");
  return std::string(in.expectWhile(isPrintable, "a nonce"));
}

/// attr-val = ALPHA "=" value; to be ignored if it is not one of ours.
void extension(Cursor& in) {
  refuseMandatoryExtension(in);
  const char name = in.peek();
  if (!ascii::isAlpha(name) || kDefined.contains(name)) throw SyntaxError("not an extension");
  in.takeOctets(1);
  expectExactly(in, "=");
  if (!utf8::isValid(in.expectWhile(isValueChar, "a value"))) throw SyntaxError("a value is not UTF-8");
}

/// What the octets of a "c=" or a "p=" spell.
std::string base64Value(Cursor& in) {
  const auto octets = base64::decode(in.takeWhile(isValueChar));
  if (!octets) throw SyntaxError("not base 64");
  return *octets;
}

/// client-first-message = gs2-header [reserved-mext ","] username "," nonce ["," extensions]
ScramClientFirst clientFirst(Cursor& in, std::string_view message) {
  ScramClientFirst first;
  first.header = gs2Header(in);
  first.headerText = message.substr(0, in.position());
  first.bare = in.rest();
  refuseMandatoryExtension(in);
  first.username = username(in);
  expectExactly(in, ",");
  first.nonce = nonce(in);
  while (takeExactly(in, ",")) extension(in);
  if (!in.atEnd()) throw SyntaxError("text after the message");
  return first;
}

/// client-final-message = channel-binding "," nonce ["," extensions] "," proof
ScramClientFinal clientFinal(Cursor& in, std::string_view message) {
  ScramClientFinal final;
  refuseMandatoryExtension(in);
  expectExactly(in, "c=");
  final.channelBinding = base64Value(in);
  expectExactly(in, ",");
  final.nonce = nonce(in);
  while (!in.rest().starts_with(",p=")) {
    expectExactly(in, ",");
    extension(in);
  }
  final.withoutProof = message.substr(0, in.position());
  expectExactly(in, ",p=");
  final.proof = base64Value(in);
  if (!in.atEnd()) throw SyntaxError("text after the proof");
  return final;
}

/// The entrance of both.
template <typename Message>
std::expected<Message, ScramError> parse(std::string_view message, Message (*rule)(Cursor&, std::string_view)) try {
  if (message.size() > Message::kMaxSize) throw SyntaxError("the message is too long");
  Cursor in(message);
  return rule(in, message);
} catch (const NamedError& error) {
  return std::unexpected(error.error());
} catch (const SyntaxError&) {
  return std::unexpected(ScramError::invalidEncoding);
}

}  // namespace

std::expected<ScramClientFirst, ScramError> parseScramClientFirst(std::string_view message) {
  return parse(message, &clientFirst);
}

std::expected<ScramClientFinal, ScramError> parseScramClientFinal(std::string_view message) {
  return parse(message, &clientFinal);
}

}  // namespace posthouse::sasl
