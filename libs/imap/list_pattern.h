#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::imap {

/// What LIST asks for (UTF-8): "*" stands for anything, "%" for anything without the hierarchy separator (RFC 3501
/// §6.3.8). INBOX matches in either case.
class ListPattern {
 public:
  explicit ListPattern(std::string_view pattern);

  /// Costs a 64th of name times pattern steps, and nothing if the pattern is longer than the name: an account may have
  /// many mailboxes.
  bool matches(std::string_view name) const;

 private:
  /// A set of places in the pattern: bit i is set if its first i characters match what of the name has been read.
  using Places = std::vector<std::uint64_t>;

  /// Where each octet of a name leads on from.
  struct Steps {
    explicit Steps(std::string_view pattern);
    const Places& of(char octet) const { return places[index[static_cast<unsigned char>(octet)]]; }

    std::array<std::uint16_t, 256> index{};  // in `places`; 0: an octet that does not occur
    std::vector<Places> places;
  };

  bool matches(std::string_view name, const Steps& steps) const;

  std::string pattern_;  // of several wildcards beside each other one is left
  std::size_t literals_ = 0;
  Steps exact_;
  Steps inCapitals_;
  Places stars_;
  Places wildcards_;
};

}  // namespace posthouse::imap
