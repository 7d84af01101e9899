// Lines: the mechanism's context, the client's first message, its last one. Whatever they hold, nobody authenticates
// who does not know the password; what is read as a message writes back what it came from; keys that are read write
// back.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "sasl/scram.h"

using namespace posthouse;
using namespace posthouse::sasl;

namespace {

std::string_view takeLine(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return line;
}

void checkFirst(std::string_view message) {
  const auto first = parseScramClientFirst(message);
  if (!first) return;
  if (first->headerText + first->bare != message || toString(first->header) != first->headerText) std::abort();
  const std::string start = "n=" + encodeSaslName(first->username) + ",r=" + first->nonce;
  if (!first->bare.starts_with(start)) std::abort();
  if (first->bare.size() > start.size() && first->bare[start.size()] != ',') std::abort();
}

void checkFinal(std::string_view message) {
  const auto final = parseScramClientFinal(message);
  if (!final) return;
  if (final->withoutProof + ",p=" + base64::encode(final->proof) != message) std::abort();
  if (!final->withoutProof.starts_with("c=" + base64::encode(final->channelBinding) + ",r=" + final->nonce))
    std::abort();
}

void checkKeys(std::string_view text) {
  const auto keys = parseScramKeys(text);
  if (keys && toString(*keys) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view flags = takeLine(rest);
  const std::string_view first = takeLine(rest);
  const std::string_view final = rest;
  checkFirst(first);
  checkFinal(final);
  checkKeys(first);

  ScramContext context{.plus = flags.contains('p'), .plusOffered = flags.contains('o'), .channelBindings = {}};
  if (flags.contains('t')) context.channelBindings.emplace(kTlsExporter, "octets");
  const auto start = beginScram(first, context);
  if (!start) return 0;
  if (start->first.header.flag == ChannelBindingFlag::unseen && context.plusOffered) std::abort();
  if ((start->first.header.flag == ChannelBindingFlag::required) != context.plus) std::abort();
  const crypto::Hash hash = flags.contains('1') ? crypto::Hash::sha1 : crypto::Hash::sha256;
  const auto challenge = challengeScram(*start, fakeScramKeys(hash, "secret", start->username(), 4096), "ours");
  if (!challenge.message.starts_with("r=" + start->first.nonce + "ours,s=")) std::abort();
  if (finishScram(challenge, final)) std::abort();
  return 0;
}
