// The exchange of SCRAM: RFC 5802 §3 and §5, channel binding §6; RFC 7677.
#include "sasl/scram.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace posthouse::sasl {
namespace {

/// What the connection is bound to by a type, or nothing.
std::string_view bindingOf(const ScramContext& context, const std::string& type) {
  const auto found = context.channelBindings.find(type);
  return found == context.channelBindings.end() ? std::string_view() : found->second;
}

/// What the client says of channel binding against what it has begun; RFC 5802 §6.
std::optional<ScramError> refusal(const Gs2Header& header, const ScramContext& context) {
  switch (header.flag) {
    case ChannelBindingFlag::required:
      if (!context.plus) return ScramError::channelBindingNotSupported;
      if (bindingOf(context, header.channelBindingType).empty()) return ScramError::unsupportedChannelBindingType;
      return std::nullopt;
    case ChannelBindingFlag::unseen:
      // Whoever begins a -PLUS has seen it.
      if (context.plus || context.plusOffered) return ScramError::serverDoesSupportChannelBinding;
      return std::nullopt;
    case ChannelBindingFlag::unsupported:
      break;
  }
  if (context.plus) return ScramError::channelBindingsDontMatch;
  return std::nullopt;
}

/// ClientKey := ClientProof XOR ClientSignature, and StoredKey is its hash.
bool provesKey(const ScramKeys& keys, std::string_view authMessage, std::string_view proof) {
  const std::string signature = crypto::hmac(keys.hash, keys.storedKey, authMessage);
  if (proof.size() != signature.size()) return false;
  std::string clientKey(proof);
  for (std::size_t i = 0; i < clientKey.size(); ++i) clientKey[i] = static_cast<char>(clientKey[i] ^ signature[i]);
  const std::string hashed = crypto::digest(keys.hash, clientKey);
  crypto::wipe(clientKey);  // whoever has it, and has StoredKey from storage, can pretend to be the client
  return crypto::equalInConstantTime(hashed, keys.storedKey);
}

}  // namespace

std::optional<ScramMechanism> scramMechanism(std::string_view name) {
  using crypto::Hash;
  if (ascii::equalsIgnoringCase(name, "SCRAM-SHA-256")) return ScramMechanism{.hash = Hash::sha256, .plus = false};
  if (ascii::equalsIgnoringCase(name, "SCRAM-SHA-256-PLUS")) return ScramMechanism{.hash = Hash::sha256, .plus = true};
  if (ascii::equalsIgnoringCase(name, "SCRAM-SHA-1")) return ScramMechanism{.hash = Hash::sha1, .plus = false};
  if (ascii::equalsIgnoringCase(name, "SCRAM-SHA-1-PLUS")) return ScramMechanism{.hash = Hash::sha1, .plus = true};
  return std::nullopt;
}

std::expected<ScramStart, ScramError> beginScram(std::string_view message, const ScramContext& context) {
  auto first = parseScramClientFirst(message);
  if (!first) return std::unexpected(first.error());
  if (const auto error = refusal(first->header, context)) return std::unexpected(*error);
  // cbind-input = gs2-header [ cbind-data ]
  ScramStart start{.first = std::move(*first), .expectedBinding = {}};
  start.expectedBinding = start.first.headerText;
  if (start.first.header.flag == ChannelBindingFlag::required)
    start.expectedBinding += bindingOf(context, start.first.header.channelBindingType);
  return start;
}

ScramChallenge challengeScram(ScramStart start, ScramKeys keys, std::string_view serverNonce) {
  return challengeScram(std::move(start), std::vector{std::move(keys)}, serverNonce);
}

ScramChallenge challengeScram(ScramStart start, std::vector<ScramKeys> candidates, std::string_view serverNonce) {
  assert(std::ranges::all_of(candidates, [&](const ScramKeys& keys) { return haveOneSalt(keys, candidates.front()); }));
  ScramChallenge challenge{.message = {}, .start = std::move(start), .candidates = std::move(candidates), .nonce = {}};
  const ScramKeys& keys = challenge.candidates.front();
  challenge.nonce = challenge.start.first.nonce + std::string(serverNonce);
  // server-first-message = nonce "," salt "," iteration-count
  challenge.message =
      "r=" + challenge.nonce + ",s=" + base64::encode(keys.salt) + ",i=" + std::to_string(keys.iterations);
  return challenge;
}

std::expected<ScramProof, ScramError> finishScram(const ScramChallenge& challenge, std::string_view message) {
  const auto final = parseScramClientFinal(message);
  if (!final) return std::unexpected(final.error());
  if (final->nonce != challenge.nonce) return std::unexpected(ScramError::otherError);
  if (!crypto::equalInConstantTime(final->channelBinding, challenge.start.expectedBinding))
    return std::unexpected(ScramError::channelBindingsDontMatch);
  // AuthMessage := client-first-message-bare + "," + server-first-message + "," + client-final-message-without-proof
  const std::string authMessage = challenge.start.first.bare + "," + challenge.message + "," + final->withoutProof;
  const auto proven = std::ranges::find_if(
      challenge.candidates, [&](const ScramKeys& keys) { return provesKey(keys, authMessage, final->proof); });
  if (proven == challenge.candidates.end()) return std::unexpected(ScramError::invalidProof);
  return ScramProof{.message = "v=" + base64::encode(crypto::hmac(proven->hash, proven->serverKey, authMessage)),
                    .candidate = static_cast<std::size_t>(std::distance(challenge.candidates.begin(), proven))};
}

}  // namespace posthouse::sasl
