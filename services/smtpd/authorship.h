#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "directory/directory.h"

namespace posthouse::smtpd {

/// What keeps an account from submitting a message: one line for the client, or nothing. All that readers are shown as
/// whom it is from must be addresses that the account may send as: every mailbox of From and Sender (RFC 5322 §3.6.2).
/// Of a message that is sent on as it is (§3.6.6) that is Resent-From and Resent-Sender; its authors may then be
/// anybody whose address is not in a domain of ours. A message that names no author is nobody else's. Throws
/// directory::Unavailable.
Task<std::optional<std::string>> objectionToAuthors(directory::Directory& directory, std::int64_t account,
                                                    std::string_view content);

}  // namespace posthouse::smtpd
