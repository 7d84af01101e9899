// STATUS, RFC 3501 §6.3.10.
#include <fmt/format.h>

#include "session.h"
#include "store/mailbox_repository.h"

namespace posthouse::imapd {
namespace {

std::string describe(imap::Status::Item item, const store::Mailbox& mailbox) {
  switch (item) {
    case imap::Status::Item::messages:
      return fmt::format("MESSAGES {}", mailbox.messages);
    case imap::Status::Item::recent:
      return fmt::format("RECENT {}", mailbox.recent());
    case imap::Status::Item::uidNext:
      return fmt::format("UIDNEXT {}", static_cast<std::uint32_t>(mailbox.uidNext));
    case imap::Status::Item::uidValidity:
      return fmt::format("UIDVALIDITY {}", mailbox.uidValidity);
    case imap::Status::Item::unseen:
      return fmt::format("UNSEEN {}", mailbox.unseen);
  }
  return {};
}

}  // namespace

Task<imap::Reply> Session::on(const imap::Status& status) {
  const auto account = identity_->account;
  const auto mailbox = co_await services_.database.query([&](db::Transaction& transaction) {
    return store::MailboxRepository(transaction, account).find(status.mailbox);
  });
  if (!mailbox) co_return Reply::no("NONEXISTENT", "No such mailbox");
  std::string line = "STATUS ";
  imap::appendMailbox(line, status.mailbox);
  for (std::size_t i = 0; i < status.items.size(); ++i)
    line += (i == 0 ? " (" : " ") + describe(status.items[i], *mailbox);
  say(line + ")");
  co_return Reply::ok("STATUS completed");
}

}  // namespace posthouse::imapd
