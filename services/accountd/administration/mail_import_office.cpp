#include "administration/mail_import_office.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "administration/refusals.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxSource = 1'000;  // octets of what goes into the audit

/// By the very address: an alias, a catch-all or a group names others than who is meant.
Answer<store::Account> findMailbox(db::Transaction& transaction, const Address& address) {
  std::optional<store::Account> account = store::AccountRepository(transaction).find(address.text());
  if (account && account->kind == store::AccountKind::group)
    return invalid(address.text() + " is a group, which has no mailbox; import into those of its members");
  if (account) return std::move(*account);
  if (const auto alias = store::AliasRepository(transaction).find(address.text()))
    return invalid(
        fmt::format("{} is an alias of {}; import into a mailbox", address.text(), fmt::join(alias->members, ", ")));
  return notFound(fmt::format("there is no user {0}; add it with: mailctl user add {0}", address.text()));
}

Act importInto(const Address& address) {
  return actOn("mail.import", address, noSuchUser(address.text()));
}

}  // namespace

Task<Answer<store::Account>> MailImportOffice::permit(std::string text, std::string source) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  source.resize(std::min(source.size(), kMaxSource));
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) {
    details.note("source", source);
    return findMailbox(transaction, *address);
  };
  co_return co_await ledger_.change(importInto(*address), job);
}

Task<Answer<store::Account>> MailImportOffice::mayPermit(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) { return findMailbox(transaction, *address); };
  co_return co_await ledger_.read(importInto(*address), job);
}

}  // namespace posthouse::accountd
