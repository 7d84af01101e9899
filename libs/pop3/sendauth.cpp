// The framing of krb5_sendauth.
#include "pop3/sendauth.h"

#include <cassert>

#include "base/ascii.h"

namespace posthouse::pop3::sendauth {

std::optional<std::size_t> messageLength(std::string_view octets, std::size_t most) {
  assert(octets.size() == kLengthSize);
  std::size_t length = 0;
  for (const char octet : octets) length = length << 8U | static_cast<unsigned char>(octet);
  if (length > most) return std::nullopt;
  return length;
}

std::string message(std::string_view octets) {
  std::string framed;
  framed.reserve(kLengthSize + octets.size());
  for (unsigned shift = 32; shift > 0;) framed += static_cast<char>(octets.size() >> (shift -= 8) & 0xFFU);
  return framed += octets;
}

Verdict judge(std::string_view version, std::string_view application) {
  if (version != kVersion) return Verdict::badVersion;
  return application == kApplication ? Verdict::good : Verdict::badApplication;
}

std::string octetOf(Verdict verdict) {
  return std::string(1, static_cast<char>(verdict));
}

bool looksLikeText(std::string_view octets) {
  return !octets.empty() && ascii::isAlpha(octets.front());
}

}  // namespace posthouse::pop3::sendauth
