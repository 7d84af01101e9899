#pragma once
#include <cstddef>
#include <string>

#include "message/header.h"

namespace posthouse::message {

/// The longest value that ENVELOPE and BODYSTRUCTURE repeat; the rest of it is left out.
inline constexpr std::size_t kMaxRenderedValue = 8 * 1024;
/// Octets of an ENVELOPE past which no more addresses are written.
inline constexpr std::size_t kMaxEnvelope = 128 * 1024;

/// ENVELOPE as IMAP sends it: "(date subject from sender reply-to to cc bcc in-reply-to message-id)" (RFC 9051 §7.5.2,
/// RFC 3501 §7.4.2), ready for the wire, literals included. Sender and Reply-To default to From; a field that is absent
/// is NIL, one that is empty "". Encoded words stay encoded. Repeated address fields are joined; of others the first
/// counts. A mailbox without a domain has the host "" (NIL would make it a group).
std::string renderEnvelope(const Header& header);

}  // namespace posthouse::message
