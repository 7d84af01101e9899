#pragma once
#include <optional>
#include <string>
#include <string_view>

/// What the values of header fields are made of, as ASCII (RFC 6857 §3.1). Octets that are not UTF-8 become encoded
/// words of the charset "unknown-8bit" (RFC 1428 §3), so that they can be had back.
namespace posthouse::message {

/// All of a text as encoded words, those that were in it included.
std::string encodeAll(std::string_view text);

/// Word and Display-Name downgrading (RFC 6857 §3.1.2, §3.1.5): itself if it is ASCII.
std::string downgradePhrase(std::string_view words);

/// Comment downgrading (RFC 6857 §3.1.3), with parentheses. `text`: without them and without quoting.
std::string downgradeComment(std::string_view text);

/// A value with its comments downgraded; nothing if it is not only those that were not ASCII.
std::optional<std::string> withAsciiComments(std::string_view value);

/// Unstructured downgrading (RFC 6857 §3.1.1), on one line: encoded words from the first word that is not ASCII to the
/// last.
std::string downgradeText(std::string_view text);

}  // namespace posthouse::message
