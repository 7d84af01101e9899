#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::message {

/// A parameter of Content-Type or Content-Disposition, its RFC 2231 continuations joined.
struct Parameter {
  std::string name;   // lower case, without the "*" parts
  std::string value;  // unquoted; if extended still charset'language'percent-encoded, which is what IMAP clients want
  bool extended = false;  // RFC 2231 §4

  /// The value as UTF-8: RFC 2231 undone, and encoded words too, which some put here against RFC 2047 §5.
  std::string text() const;

  bool operator==(const Parameter&) const = default;
};

/// How many parameters of a field are kept.
inline constexpr std::size_t kMaxParameters = 200;

/// Content-Type (RFC 2045 §5).
struct MediaType {
  std::string type = "text";      // lower case
  std::string subtype = "plain";  // lower case
  std::vector<Parameter> parameters;

  bool is(std::string_view ofType, std::string_view ofSubtype) const noexcept {
    return type == ofType && subtype == ofSubtype;
  }
  /// The parameter of this lower-case name, or null.
  const Parameter* parameter(std::string_view name) const noexcept;

  bool operator==(const MediaType&) const = default;
};

/// Content-Disposition (RFC 2183).
struct Disposition {
  std::string type;  // lower case: "inline", "attachment", others
  std::vector<Parameter> parameters;

  const Parameter* parameter(std::string_view name) const noexcept;

  bool operator==(const Disposition&) const = default;
};

/// Nothing if there is no type "/" subtype in it: then text/plain is meant (RFC 2045 §5.2).
std::optional<MediaType> parseContentType(std::string_view value);
std::optional<Disposition> parseContentDisposition(std::string_view value);
/// The first token, lower case; "7bit" if there is none.
std::string parseTransferEncoding(std::string_view value);
/// Content-Language (RFC 3282): its tags in order.
std::vector<std::string> parseLanguages(std::string_view value);

}  // namespace posthouse::message
