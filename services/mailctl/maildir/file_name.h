#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::mailctl::maildir {

/// A message's file (https://cr.yp.to/proto/maildir.html): "1700000000.M1P2.host,S=512:2,FS".
struct FileName {
  std::string_view base;   // up to the colon: the same for ever
  std::string_view flags;  // after ":2,", without what Dovecot may add behind a comma

  static FileName of(std::string_view name) noexcept;
};

/// Dovecot's dovecot-keywords: which keyword a small letter of a file name stands for.
using Keywords = std::map<char, std::string>;

/// A line that does not say what it should.
struct BrokenLine {
  std::size_t number = 0;  // from 1
  std::string objection;
};

/// Lines of a number from 0 to 25, a space, and a keyword (flag-keyword, RFC 3501 §9: an atom).
Keywords parseKeywords(std::string_view text, std::vector<BrokenLine>& broken);

/// The flags as IMAP has them: D, F, P, R, S and T, and keywords. Letters that mean nothing are added to `unknown`.
std::vector<std::string> flagNames(std::string_view flags, const Keywords& keywords, std::string& unknown);

}  // namespace posthouse::mailctl::maildir
