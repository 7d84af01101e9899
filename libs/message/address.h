#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::message {

/// One element of an address list, in the flat form that ENVELOPE has: a group is a `groupStart` with its name in
/// `localPart`, its mailboxes, and a `groupEnd` (RFC 9051 §7.5.2).
struct Address {
  enum class Kind { mailbox, groupStart, groupEnd };
  Kind kind = Kind::mailbox;
  std::string displayName;  // unquoted, encoded words as they were; of "a@b (Joe)" the comment
  std::string sourceRoute;  // "@a,@b" of the obsolete <@a,@b:c@d>
  std::string localPart;    // unquoted
  std::string domain;       // "[192.0.2.1]" for a literal; empty if the text named none

  bool operator==(const Address&) const = default;
};

/// How many elements an address list may give; the rest of the text is ignored.
inline constexpr std::size_t kMaxAddresses = 4096;

/// Reads the value of From, To, Reply-To and their like, folded or not: groups, comments, quoted strings, domain
/// literals, source routes, the obsolete forms of RFC 5322 §4.4, UTF-8 (RFC 6532). Never fails: text that is no address
/// becomes a mailbox with what could be read of it ("undisclosed recipients" a name without an address).
std::vector<Address> parseAddressList(std::string_view value, std::size_t limit = kMaxAddresses);

/// An addr-spec, in pieces.
struct AddrSpec {
  std::string localPart;  // unquoted
  std::string domain;     // or "[...]"
  bool operator==(const AddrSpec&) const = default;
};

/// local-part "@" domain of RFC 5322 §3.4.1 with UTF-8 allowed (RFC 6532), without comments, blanks or obsolete forms;
/// nothing else.
std::optional<AddrSpec> parseAddrSpec(std::string_view text);

/// "local@domain"; the local part is quoted where it is no dot-atom. Only "local" if there is no domain, and
/// nothing if there is neither.
std::string formatAddrSpec(std::string_view localPart, std::string_view domain);

/// A mailbox as a header writes it: `Joe <joe@example.org>`, the name quoted where it needs it. A name that is not
/// ASCII is left as UTF-8; the builder makes encoded words of it. A group start is `name:`, a group end `;`.
std::string format(const Address& address);

/// A whole list as a header writes it, unfolded.
std::string format(std::span<const Address> addresses);

}  // namespace posthouse::message
