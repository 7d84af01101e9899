#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::store {

/// Flags that have a bit of their own in every mailbox. Values are stored: never renumber.
enum class Flag : std::uint32_t {
  seen = 1,
  flagged = 2,
  answered = 4,
  draft = 8,
  deleted = 16,
  forwarded = 32,  // $Forwarded, $MDNSent, $Junk, $NotJunk, $Phishing: keywords to IMAP, but everybody uses them
  mdnSent = 64,
  junk = 128,
  notJunk = 256,
  phishing = 512,
};

/// A set of flags and keywords. A keyword is bit n for the n-th name of the account's KeywordDictionary.
struct Flags {
  std::uint32_t bits = 0;
  std::uint64_t keywords = 0;

  Flags() = default;
  Flags(Flag flag) : bits(static_cast<std::uint32_t>(flag)) {}  // NOLINT: a flag is a set of one
  Flags(std::uint32_t flagBits, std::uint64_t keywordBits) : bits(flagBits), keywords(keywordBits) {}

  bool has(Flag flag) const noexcept { return (bits & static_cast<std::uint32_t>(flag)) != 0; }
  bool empty() const noexcept { return bits == 0 && keywords == 0; }
  friend Flags operator|(Flags a, Flags b) noexcept { return {a.bits | b.bits, a.keywords | b.keywords}; }
  bool operator==(const Flags&) const = default;
};

/// "\Seen", "$Forwarded" … in the order of the bits: all flags that need no dictionary.
struct FlagName {
  Flag flag;
  std::string_view name;
};
const std::vector<FlagName>& flagNames();

/// The flag of a name in any case, or nothing: then it is a keyword (or no flag at all, if it begins with a backslash).
std::optional<Flag> flagNamed(std::string_view name);

/// The keywords of one account, by bit. A copy: load it again when a message has a bit that it does not know.
class KeywordDictionary {
 public:
  static constexpr std::size_t kCapacity = 63;

  KeywordDictionary() = default;
  explicit KeywordDictionary(std::vector<std::string> names) : names_(std::move(names)) {}
  /// Names in the order of their bits, with spaces between.
  static KeywordDictionary fromNames(std::string_view names);

  std::size_t size() const noexcept { return names_.size(); }
  const std::string& name(std::size_t bit) const { return names_.at(bit); }
  /// The bit (as a mask of one) of a keyword in any case.
  std::optional<std::uint64_t> mask(std::string_view name) const;
  /// The names of all flags and keywords in the set, as IMAP writes them. Bits unknown to this copy are left out.
  std::vector<std::string_view> names(Flags flags) const;
  /// True if every keyword of the set has a name here.
  bool knows(std::uint64_t keywords) const noexcept;

 private:
  std::vector<std::string> names_;
};

}  // namespace posthouse::store
