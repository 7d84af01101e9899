#pragma once
#include "imap/response.h"
#include "store/mailbox_repository.h"
#include "store/types.h"

namespace posthouse::imapd {

/// What a client is told of a refusal, with the response codes of RFC 5530 and RFC 3501 §7.1.
imap::Reply refused(store::MailboxError error);
/// Of a write into a mailbox: TRYCREATE where the client could make it.
imap::Reply refused(store::Refusal refusal);
/// What is asked for would change something, and the client may not.
imap::Reply mayOnlyRead();

}  // namespace posthouse::imapd
