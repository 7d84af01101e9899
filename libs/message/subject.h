#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace posthouse::message {

/// Octets of a subject that are looked at.
inline constexpr std::size_t kMaxBaseSubject = 1024;

/// A subject without what replies and forwards add to it (RFC 5256 §2.1).
struct BaseSubject {
  std::string text;             // UTF-8, blanks collapsed, the case as it was
  bool replyOrForward = false;  // something was removed
};

/// `subject` is the decoded, unfolded field.
BaseSubject baseSubject(std::string_view subject);

}  // namespace posthouse::message
