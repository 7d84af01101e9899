#pragma once
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::crypto {

/// Keys for secrets that have to be stored and read again: XChaCha20-Poly1305 (libsodium). The first key seals; the
/// others open what was sealed before it was the first.
class SealingKeys {
 public:
  static constexpr std::size_t kKeySize = 32;  // octets

  /// None: nothing can be sealed or opened.
  SealingKeys() = default;
  /// `keys`: each 32 octets in base 64, with white space between two. Else a text that tells what is wrong, and shows
  /// no key.
  static std::expected<SealingKeys, std::string> parse(std::string_view keys);

  bool empty() const noexcept { return keys_.empty(); }

  /// `context`, as "totp alice@mail.test", is what it must be opened with: a sealed secret is of no use in the place of
  /// another. There must be a key.
  std::string seal(std::string_view secret, std::string_view context) const;

  /// Nothing if none of the keys sealed it, or not in this context.
  std::optional<std::string> open(std::string_view sealed, std::string_view context) const;

  /// Whether another key than the first sealed it, so that it should be sealed again.
  bool isOutdated(std::string_view sealed) const;

 private:
  struct Key {
    std::string name;  // 4 octets, which stand before what it sealed
    std::string octets;
  };
  const Key* find(std::string_view sealed) const;

  std::vector<Key> keys_;
};

}  // namespace posthouse::crypto
