#pragma once
#include <string>

#include "base/cursor.h"

/// What structured header fields are made of (RFC 5322 §3.2), read leniently: what is not closed ends with the field.
namespace posthouse::message {

/// Blanks and line ends: folding that is still in the value.
constexpr bool isFoldingBlank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// A comment, its quoting undone, comments inside of it kept with their parentheses. `in` is at "(".
std::string takeComment(Cursor& in);

/// A quoted string, its quoting and folding undone. `in` is at the quote.
std::string takeQuotedString(Cursor& in);

/// CFWS: blanks, line ends and comments.
void skipCfws(Cursor& in);

}  // namespace posthouse::message
