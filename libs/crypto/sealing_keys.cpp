// Sealed: the key's name (4 octets), a nonce (24), the ciphertext with its tag (16 more than the secret).
#include "crypto/sealing_keys.h"

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

#include "base/base64.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/sodium_ready.h"

namespace posthouse::crypto {
namespace {

constexpr std::size_t kName = 4;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(SealingKeys::kKeySize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* octetsOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octetsOf(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::expected<SealingKeys, std::string> SealingKeys::parse(std::string_view text) {
  sodiumReady();
  constexpr std::string_view kSpace = " \t\r\n";
  SealingKeys keys;
  for (std::size_t at = text.find_first_not_of(kSpace); at < text.size(); at = text.find_first_not_of(kSpace, at)) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    const std::string_view word = text.substr(at, end - at);
    at = end;
    std::optional<std::string> octets = base64::decode(word);
    if (!octets || octets->size() != kKeySize)
      return std::unexpected("a key is 32 octets in base 64, as `openssl rand -base64 32` makes them");
    std::string name = std::string(sha256(*octets).view().substr(0, kName));
    if (keys.find(name) != nullptr) return std::unexpected("a key stands there twice");
    keys.keys_.push_back({std::move(name), *std::move(octets)});
  }
  return keys;
}

std::string SealingKeys::seal(std::string_view secret, std::string_view context) const {
  if (keys_.empty()) throw std::logic_error("nothing can be sealed without a key");
  const Key& key = keys_.front();
  const std::string nonce = randomOctets(kNonce);
  std::string ciphertext(secret.size() + kTag, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(octetsOf(ciphertext), nullptr, octetsOf(secret), secret.size(),
                                             octetsOf(context), context.size(), nullptr, octetsOf(nonce),
                                             octetsOf(key.octets));
  return key.name + nonce + ciphertext;
}

std::optional<std::string> SealingKeys::open(std::string_view sealed, std::string_view context) const {
  const Key* key = find(sealed);
  if (key == nullptr || sealed.size() < kName + kNonce + kTag) return std::nullopt;
  const std::string_view nonce = sealed.substr(kName, kNonce);
  const std::string_view ciphertext = sealed.substr(kName + kNonce);
  std::string secret(ciphertext.size() - kTag, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(octetsOf(secret), nullptr, nullptr, octetsOf(ciphertext),
                                                 ciphertext.size(), octetsOf(context), context.size(), octetsOf(nonce),
                                                 octetsOf(key->octets)) != 0)
    return std::nullopt;
  return secret;
}

bool SealingKeys::isOutdated(std::string_view sealed) const {
  const Key* key = find(sealed);
  return key != nullptr && key != &keys_.front();
}

const SealingKeys::Key* SealingKeys::find(std::string_view sealed) const {
  const auto found = std::ranges::find_if(keys_, [&](const Key& key) { return sealed.starts_with(key.name); });
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace posthouse::crypto
