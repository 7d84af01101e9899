#include "mailbox_replies.h"

namespace posthouse::imapd {

using imap::Reply;

Reply refused(store::MailboxError error) {
  switch (error) {
    case store::MailboxError::noSuchMailbox:
      return Reply::no("NONEXISTENT", "No such mailbox");
    case store::MailboxError::exists:
      return Reply::no("ALREADYEXISTS", "There is a mailbox of that name");
    case store::MailboxError::hasChildren:
      return Reply::no("HASCHILDREN", "There are mailboxes below it");
    case store::MailboxError::inboxStays:
      return Reply::no("CANNOT", "INBOX stays");
    case store::MailboxError::badName:
      return Reply::no("CANNOT", "No mailbox can have that name");
    case store::MailboxError::tooManyMailboxes:
      return Reply::no("LIMIT", "Too many mailboxes");
    case store::MailboxError::tooManySubscriptions:
      return Reply::no("LIMIT", "Too many subscriptions");
  }
  return Reply::no("CANNOT", "Refused");
}

Reply refused(store::Refusal refusal) {
  if (refusal == store::Refusal::overQuota) return Reply::no("OVERQUOTA", "The account is full");
  return Reply::no("TRYCREATE", "No such mailbox");
}

Reply mayOnlyRead() {
  return Reply::no("NOPERM", "You may read here, and change nothing");
}

}  // namespace posthouse::imapd
