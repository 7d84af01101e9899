#pragma once
#include <string>
#include <string_view>

#include "base/cursor.h"

/// What SCRAM (RFC 5802 §7) and OAUTHBEARER (RFC 7628 §3.1) have in common: the header of GS2 (RFC 5801 §4).
namespace posthouse::sasl {

/// What a client says of channel binding.
enum class ChannelBindingFlag {
  unsupported,  // "n": it knows none
  unseen,       // "y": it could, but believes that the server cannot
  required,     // "p=": it does
};

struct Gs2Header {
  ChannelBindingFlag flag = ChannelBindingFlag::unsupported;
  std::string channelBindingType;     // with `required` alone: as the client writes it
  std::string authorizationIdentity;  // whom it wants to act as; empty: itself
  bool operator==(const Gs2Header&) const = default;
};

/// The header as a client writes it. What gs2Header has read, it writes back octet for octet.
std::string toString(const Gs2Header& header);

/// A name as a saslname: "," is "=2C" and "=" is "=3D".
std::string encodeSaslName(std::string_view name);

/// gs2-header; the Cursor stands behind its last comma. Throws SyntaxError.
Gs2Header gs2Header(Cursor& in);

/// saslname, decoded: UTF-8 and not empty. Throws SyntaxError.
std::string saslName(Cursor& in);

/// As Cursor::take and Cursor::expect, but octet for octet: the names of attributes are case-sensitive (RFC 5802 §5.1).
bool takeExactly(Cursor& in, std::string_view literal);
void expectExactly(Cursor& in, std::string_view literal);

}  // namespace posthouse::sasl
