#pragma once
#include <cstddef>
#include <string>

namespace posthouse::bench {

/// Mails of one size that are all different: text that compresses as text does, and beyond 64 KiB an attachment.
class MailSource {
 public:
  /// `size`: octets of each, about; `first`: the number of the first one.
  MailSource(std::size_t size, std::size_t first);

  /// The mail with this number, which X-Number tells. Ends with CRLF; no line begins with a dot.
  std::string mail(std::size_t number, const std::string& recipient) const;

 private:
  std::size_t size_;
  std::size_t first_;
  std::string run_;  // tells the mails of this run from those of others
  std::string text_;
  std::string attachment_;
};

/// Addresses of the form bench%@mail.test, where % is a number from 1.
std::string numbered(const std::string& pattern, std::size_t number);

}  // namespace posthouse::bench
