#include "logins/scram_text.h"

#include <ranges>

#include "crypto/random.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kSalt = 16;  // octets
constexpr crypto::Hash kHashes[] = {crypto::Hash::sha256, crypto::Hash::sha1};

}  // namespace

std::vector<sasl::ScramKeys> keysIn(std::string_view text, crypto::Hash hash) {
  std::vector<sasl::ScramKeys> found;
  for (const auto word : std::views::split(text, ' ')) {
    auto keys = sasl::parseScramKeys(std::string_view(word));
    if (keys && keys->hash == hash) found.push_back(*std::move(keys));
  }
  return found;
}

std::string deriveScramText(std::string_view preparedPassword, std::uint32_t iterations, std::string_view like) {
  std::string text;
  for (const crypto::Hash hash : kHashes) {
    const std::vector<sasl::ScramKeys> kept = keysIn(like, hash);
    const sasl::ScramKeys keys =
        kept.empty() ? sasl::deriveScramKeys(hash, preparedPassword, crypto::randomOctets(kSalt), iterations)
                     : sasl::deriveScramKeys(hash, preparedPassword, kept.front().salt, kept.front().iterations);
    text.append(text.empty() ? "" : " ").append(sasl::toString(keys));
  }
  return text;
}

std::string decoyScramText(std::string_view decoySecret, std::string_view name, std::uint32_t iterations) {
  std::string text;
  for (const crypto::Hash hash : kHashes)
    text.append(text.empty() ? "" : " ")
        .append(sasl::toString(sasl::fakeScramKeys(hash, decoySecret, name, iterations)));
  return text;
}

}  // namespace posthouse::accountd
