#include "import/import_store.h"

#include <algorithm>
#include <map>
#include <set>

#include "db/errors.h"
#include "import/message_flags.h"
#include "message/summary.h"
#include "store/content.h"
#include "store/keyword_repository.h"

namespace posthouse::lmtp_delivery {
namespace {

using store::DeliveryRepository;
using store::DeliveryStatus;
using store::MailboxError;
using store::UniqueIdRepository;

store::Content contentOf(std::string_view octets) {
  message::Summary summary = message::summarize(octets);
  std::optional<std::chrono::system_clock::time_point> sentAt;
  if (summary.sentAt) sentAt = summary.sentAt->time;
  return {octets, static_cast<std::uint32_t>(summary.headerSize), std::move(summary.envelope),
          std::move(summary.bodyStructure), sentAt};
}

std::string explain(MailboxError error) {
  switch (error) {
    case MailboxError::badName:
      return "this cannot be a folder's name here: at most 32 levels and 1024 octets, none empty, no control "
             "characters";
    case MailboxError::tooManyMailboxes:
      return "the account has as many folders as it may";
    case MailboxError::tooManySubscriptions:
      return "the account has subscribed to as many folders as it may";
    default:
      return "the folder cannot be made";
  }
}

/// Those of the names that the account can have, and the dictionary with them.
store::KeywordDictionary ensureKeywords(db::Transaction& transaction, store::AccountId account,
                                        const std::set<std::string>& names) {
  store::KeywordRepository repository(transaction, account);
  const std::vector<std::string> all(names.begin(), names.end());
  if (auto dictionary = repository.ensure(all)) return *dictionary;
  for (const std::string& name : all) repository.ensure(std::span(&name, 1));
  return repository.all();
}

}  // namespace

/// One account has one import at a time in this process; with others its lock is waited for.
template <class Job>
Task<std::invoke_result_t<Job&, db::Transaction&>> ImportStore::patiently(Job job) {
  for (int attempt = 1;; ++attempt) {
    try {
      co_return co_await database_.transactFor(account_, job, db::Repeat::harmless);
    } catch (const db::Busy&) {
      if (attempt >= attempts_) throw;
    }
  }
}

Task<std::expected<store::MailboxId, std::string>> ImportStore::folder(std::string_view name, bool subscribe) {
  using Result = std::expected<store::MailboxId, std::string>;
  const auto job = [&](db::Transaction& transaction) -> Result {
    store::MailboxRepository mailboxes(transaction, account_);
    std::optional<store::Mailbox> mailbox = mailboxes.find(name);
    if (!mailbox) {
      auto created = mailboxes.create(name);
      if (!created) return std::unexpected(explain(created.error()));
      mailbox = std::move(*created);
    }
    if (subscribe) {
      if (const auto done = mailboxes.subscribe(name); !done) return std::unexpected(explain(done.error()));
    }
    return mailbox->id;
  };
  co_return co_await patiently(job);
}

Task<std::vector<Imported>> ImportStore::store(std::span<const Incoming> messages) {
  std::vector<store::Content> contents;
  std::vector<MessageFlags> flags;
  std::set<std::string> unknown;
  for (const Incoming& message : messages) {
    contents.push_back(contentOf(message.octets));
    flags.push_back(MessageFlags::of(message.flags));
    for (const std::string& keyword : flags.back().keywords)
      if (!keywords_.mask(keyword)) unknown.insert(keyword);
  }
  struct Outcome {
    std::vector<Imported> imported;
    store::KeywordDictionary keywords;
  };
  const auto job = [&](db::Transaction& transaction) {
    Outcome outcome{{}, unknown.empty() ? keywords_ : ensureKeywords(transaction, account_, unknown)};
    std::vector<store::Delivery> deliveries;
    std::vector<store::Parcel> parcels;
    deliveries.reserve(messages.size());
    outcome.imported.resize(messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
      outcome.imported[i].lostFlags = flags[i].unfit;
      deliveries.push_back({.account = account_,
                            .mailbox = messages[i].mailbox,
                            .flags = flags[i].in(outcome.keywords, outcome.imported[i].lostFlags),
                            .internalDate = messages[i].internalDate,
                            .queueKey = messages[i].key});
      parcels.push_back({&contents[i], &deliveries[i]});
    }
    const auto delivered = DeliveryRepository(transaction).deliver(parcels, DeliveryRepository::WhenBusy::wait);
    std::vector<UniqueIdRepository::Wish> wishes;
    std::vector<std::size_t> wishers;
    std::vector<store::Parcel> repeated;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      outcome.imported[i].delivered = delivered[i];
      const bool isRepeated = delivered[i].status == DeliveryStatus::repeated;
      if (isRepeated) repeated.push_back(parcels[i]);
      if (messages[i].uniqueId.empty() || !(isRepeated || delivered[i].status == DeliveryStatus::stored)) continue;
      wishes.push_back({messages[i].mailbox, {delivered[i].uid, messages[i].uniqueId}, &contents[i]});
      wishers.push_back(i);
    }
    if (!repeated.empty()) DeliveryRepository(transaction).renewQueueKeys(repeated);
    if (wishes.empty()) return outcome;
    const auto fates = UniqueIdRepository(transaction, account_).keep(wishes);
    for (std::size_t i = 0; i < wishers.size(); ++i) outcome.imported[wishers[i]].uniqueId = fates[i];
    return outcome;
  };
  Outcome outcome = co_await patiently(job);
  keywords_ = std::move(outcome.keywords);
  publish(messages, outcome.imported);
  co_return std::move(outcome.imported);
}

void ImportStore::publish(std::span<const Incoming> messages, std::span<const Imported> imported) {
  std::map<store::MailboxId, store::ModSeq> changed;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (imported[i].delivered.status != DeliveryStatus::stored) continue;
    store::ModSeq& highest = changed[messages[i].mailbox];
    highest = std::max(highest, imported[i].delivered.modSeq);
  }
  for (const auto& [mailbox, modSeq] : changed)
    publisher_.publish({.account = static_cast<std::int64_t>(account_),
                        .mailbox = static_cast<std::int32_t>(mailbox),
                        .modseq = static_cast<std::int64_t>(modSeq),
                        .committedAt = 0});
}

}  // namespace posthouse::lmtp_delivery
