#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::imapd {

/// True if `needle` occurs in `text`. Takes time in proportion to both together, whatever they are: std::string::find
/// does not.
bool occursIn(std::string_view needle, std::string_view text);

/// What BODY and TEXT look into: a message's text decoded and folded, made when first asked for and once for all keys
/// of a SEARCH. Pieces are divided by a NUL, which no key can hold.
class SearchText {
 public:
  /// `header` is that of the message; `whole` is all of it, or empty if only the header is known. Both must outlive
  /// this.
  SearchText(std::string_view header, std::string_view whole) : header_(header), whole_(whole) {}

  /// The names and values of the header's fields.
  const std::string& header();
  /// The text parts, and the headers of messages inside.
  const std::string& body();

 private:
  std::string_view header_;
  std::string_view whole_;
  std::optional<std::string> foldedHeader_;
  std::optional<std::string> foldedBody_;
};

}  // namespace posthouse::imapd
