// LIST and LSUB, RFC 3501 §6.3.8, §6.3.9; \HasChildren, RFC 3348; special uses, RFC 6154 §2.
#include <map>

#include "imap/list_pattern.h"
#include "imap/mailbox_name.h"
#include "session.h"
#include "store/mailbox_repository.h"

namespace posthouse::imapd {
namespace {

std::string attributes(const store::Mailbox& mailbox) {
  std::string list = mailbox.hasChildren ? "\\HasChildren" : "\\HasNoChildren";
  if (const auto use = store::specialUse(mailbox.role); !use.empty()) list += ' ' + std::string(use);
  return list;
}

/// The names that LSUB shows, and whether only because something below them is subscribed (RFC 3501 §6.3.9).
std::map<std::string, bool> subscribedNames(const std::vector<std::string>& subscriptions,
                                            const imap::ListPattern& pattern) {
  std::map<std::string, bool> names;
  for (const auto& name : subscriptions) {
    if (pattern.matches(name)) names[name] = false;
  }
  for (const auto& name : subscriptions) {
    if (names.contains(name)) continue;
    for (std::size_t end = name.find(imap::kHierarchySeparator); end != std::string::npos;
         end = name.find(imap::kHierarchySeparator, end + 1)) {
      const std::string above = name.substr(0, end);
      if (pattern.matches(above)) names.emplace(above, true);
    }
  }
  return names;
}

std::string line(std::string_view response, const std::string& attributes, std::string_view name) {
  std::string text = std::string(response) + " (" + attributes + ") \"/\" ";
  imap::appendMailbox(text, name);
  return text;
}

}  // namespace

Task<imap::Reply> Session::on(const imap::List& list) {
  const std::string_view response = list.subscribedOnly ? "LSUB" : "LIST";
  const Reply completed = Reply::ok(std::string(response) + " completed");
  if (list.pattern.empty()) {  // asks for the hierarchy separator
    say(line(response, "\\Noselect", ""));
    co_return completed;
  }
  const imap::ListPattern pattern(list.reference + list.pattern);
  const auto account = identity_->account;
  if (list.subscribedOnly) {
    const auto subscriptions = co_await services_.database.query(
        [&](db::Transaction& transaction) { return store::MailboxRepository(transaction, account).subscriptions(); });
    for (const auto& [name, onlyAbove] : subscribedNames(subscriptions, pattern)) {
      say(line(response, onlyAbove ? "\\Noselect" : "", name));
      co_await breathe();
    }
    co_return completed;
  }
  const auto mailboxes = co_await services_.database.query(
      [&](db::Transaction& transaction) { return store::MailboxRepository(transaction, account).list(); });
  for (const auto& mailbox : mailboxes) {
    if (!pattern.matches(mailbox.name)) continue;
    say(line(response, attributes(mailbox), mailbox.name));
    co_await breathe();
  }
  co_return completed;
}

}  // namespace posthouse::imapd
