#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace posthouse::mailctl::maildir {

/// What Dovecot makes a message's unique id of.
struct UidlParts {
  std::uint32_t uidValidity = 0;
  std::uint32_t uid = 0;
  std::string_view fileName;  // its base
  std::string_view guid;
};

/// Dovecot's setting pop3_uidl_format: in the notation up to 2.3, "%08Xu%08Xv", where X writes a number in hexadecimal,
/// L and U change letters to small ones or capitals, and 08 fills up to eight with zeroes; or in that of 2.4,
/// "%{uid | hex(8)}%{uidvalidity | hex(8)}", with the filters hex, lower and upper.
class UidlFormat {
 public:
  static constexpr std::string_view kDefault = "%08Xu%08Xv";

  /// Throws SyntaxError: for %m, too, the MD5 sum of an mbox's headers.
  static UidlFormat parse(std::string_view text);

  std::string apply(const UidlParts& parts) const;

 private:
  enum class Variable { uidValidity, uid, fileName, guid };
  enum class Letters { asTheyAre, lower, upper };
  struct Piece {
    Variable variable;
    std::size_t width = 0;  // filled up with zeroes
    bool hex = false;
    Letters letters = Letters::asTheyAre;
  };
  class Parser;

  std::vector<std::variant<std::string, Piece>> pieces_;
};

}  // namespace posthouse::mailctl::maildir
