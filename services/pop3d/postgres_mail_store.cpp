#include "postgres_mail_store.h"

#include <algorithm>
#include <stdexcept>

#include "process_name.h"
#include "store/mailbox_repository.h"
#include "store/uid_set.h"

namespace posthouse::pop3d {

using store::MaildropRefusal;
using store::MaildropRepository;
using store::MessageRepository;

namespace {

/// At one QUIT: what the client wanted waits for it, and so do the account's other writers.
constexpr std::size_t kMostExpired = 2 * store::kSlice;
constexpr std::size_t kAfterMessage = 8;  // what ends a response has room behind a message

/// The parts of an update, in one transaction.
class UpdateInProgress {
 public:
  UpdateInProgress(db::Transaction& transaction, store::AccountId account, store::MailboxId mailbox)
      : messages_(transaction, account), maildrop_(transaction, account), mailbox_(mailbox) {}

  Updated carryOut(const Update& update) {
    for (const store::UidSet& slice : store::slices(update.seen)) {
      changed(messages_.storeFlags(mailbox_, slice, store::FlagChange::add, store::Flag::seen).modSeq);
    }
    Updated updated{.removed = expunge(update.removed), .expired = expunge(update.expired)};
    if (!update.retrieved.empty()) maildrop_.noteRetrieved(mailbox_, update.retrieved);
    if (update.expireAfter) updated.expired += expunge(maildrop_.expired(mailbox_, *update.expireAfter, kMostExpired));
    return updated;
  }

  /// Of the last change; 0 if nothing changed.
  store::ModSeq modSeq() const noexcept { return modSeq_; }

 private:
  std::size_t expunge(const std::vector<store::Uid>& uids) {
    std::size_t count = 0;
    for (const store::UidSet& slice : store::slices(uids)) {
      const store::Expunged expunged = messages_.expunge(mailbox_, slice, MessageRepository::Which::all);
      changed(expunged.modSeq);
      count += expunged.uids.count();
    }
    return count;
  }

  void changed(store::ModSeq modSeq) { modSeq_ = std::max(modSeq_, modSeq); }

  MessageRepository messages_;
  MaildropRepository maildrop_;
  store::MailboxId mailbox_;
  store::ModSeq modSeq_{};
};

/// What tries of one update have come to. A try whose end is unknown may have been the one that did it: then the next
/// finds nothing left to delete, and what the first counted is what was deleted.
struct Tries {
  unsigned number = 0;
  Updated most;
  store::ModSeq modSeq{};

  void add(const Updated& updated, store::ModSeq changed) {
    most = {.removed = std::max(most.removed, updated.removed), .expired = std::max(most.expired, updated.expired)};
    modSeq = std::max(modSeq, changed);
  }
};

}  // namespace

Task<MailStore::Opened> PostgresMailStore::open(const store::MaildropHolder& holder, const std::string& mailbox) {
  co_return co_await database_.single(
      [&](db::Transaction& transaction) -> Opened {
        auto opened =
            MaildropRepository(transaction, holder.account).open(mailbox, holder, terms_.lease, terms_.loginDelay);
        if (!opened) return std::unexpected(std::move(opened.error()));
        return Snapshot{opened->mailbox, opened->uidValidity, std::move(opened->messages),
                        std::move(opened->uniqueIds)};
      },
      db::Repeat::harmless);
}

Task<MailStore::Opened> PostgresMailStore::openToRead(store::AccountId account, const std::string& mailbox) {
  co_return co_await database_.query([&](db::Transaction& transaction) -> Opened {
    const auto found = store::MailboxRepository(transaction, account).find(mailbox);
    if (!found) return std::unexpected(MaildropRefusal{.reason = MaildropRefusal::Reason::noSuchMailbox});
    return Snapshot{found->id, found->uidValidity, MessageRepository(transaction, account).sizes(found->id),
                    store::UniqueIdRepository(transaction, account).list(found->id)};
  });
}

Task<std::vector<store::MessageReference>> PostgresMailStore::references(MaildropId maildrop,
                                                                         const store::UidSet& uids) {
  co_return co_await database_.single(
      [&](db::Transaction& transaction) {
        return MessageRepository(transaction, maildrop.account).references(maildrop.mailbox, uids);
      },
      db::Repeat::harmless);
}

Task<PostgresMailStore::Bodies> PostgresMailStore::bodies(const std::vector<store::BlobId>& blobs) {
  co_return co_await database_.single(
      [&](db::Transaction& transaction) { return store::BlobStore(transaction).find(blobs); }, db::Repeat::harmless);
}

/// Between the two statements nothing gets lost: a body that nobody holds any more is kept for
/// lmtp-delivery.body_grace.
Task<std::vector<StoredMessage>> PostgresMailStore::fetch(MaildropId maildrop, store::UidSet uids) {
  std::vector<store::MessageReference> references = co_await this->references(maildrop, uids);
  std::vector<StoredMessage> messages;
  messages.reserve(references.size());
  std::vector<std::size_t> incomplete;
  std::vector<store::BlobId> missing;
  for (store::MessageReference& reference : references) {
    StoredMessage& message = messages.emplace_back(reference.uid, std::move(reference.prefix));
    if (const std::string* body = cache_.find(reference.blob)) {
      message.octets.reserve(message.octets.size() + body->size() + kAfterMessage);
      message.octets += *body;
    } else {
      incomplete.push_back(messages.size() - 1);
      missing.push_back(reference.blob);
    }
  }
  if (missing.empty()) co_return messages;
  std::ranges::sort(missing);
  missing.erase(std::ranges::unique(missing).begin(), missing.end());
  Bodies bodies = co_await this->bodies(missing);
  for (const std::size_t number : incomplete) {
    const auto body = bodies.find(references[number].blob);
    if (body == bodies.end()) throw std::runtime_error("a message lacks its body");
    std::string& octets = messages[number].octets;
    octets.reserve(octets.size() + body->second.octets.size() + kAfterMessage);
    octets += body->second.octets;
    messages[number].rest = body->second.pieces;
  }
  for (auto& [id, body] : bodies)
    if (!body.pieces) cache_.add(id, std::move(body.octets));
  co_return messages;
}

Task<std::string> PostgresMailStore::readPiece(store::BlobPieces pieces, std::uint64_t number) {
  co_return co_await database_.single(
      [&](db::Transaction& transaction) { return store::BlobStore(transaction).readPiece(pieces, number); },
      db::Repeat::harmless);
}

Task<std::optional<Updated>> PostgresMailStore::update(const store::MaildropHolder& holder, store::MailboxId mailbox,
                                                       Update update) {
  Tries tries;
  const bool isDone = co_await database_.transactFor(
      holder.account,
      [&](db::Transaction& transaction) {
        ++tries.number;
        MaildropRepository maildrop(transaction, holder.account);
        if (update.deletes() && !maildrop.hold(holder, terms_.lease)) {
          if (tries.number == 1) return false;
          throw std::runtime_error("the database was lost during a deletion, and another session has the maildrop now");
        }
        UpdateInProgress parts(transaction, holder.account, mailbox);
        const Updated updated = parts.carryOut(update);
        tries.add(updated, parts.modSeq());
        MaildropRepository::release(transaction, {holder});
        return true;
      },
      db::Repeat::harmless);
  if (!isDone) co_return std::nullopt;
  publish({holder.account, mailbox}, tries.modSeq);
  co_return tries.most;
}

Task<> PostgresMailStore::release(std::vector<store::MaildropHolder> holders) {
  co_await database_.single([&](db::Transaction& transaction) { MaildropRepository::release(transaction, holders); },
                            db::Repeat::harmless);
}

Task<> PostgresMailStore::releaseOfDead() {
  std::vector<std::string> processes = co_await database_.query(MaildropRepository::processes);
  std::erase_if(processes, [](const std::string& process) { return !hasEnded(process); });
  if (processes.empty()) co_return;
  co_await database_.transact(
      [&](db::Transaction& transaction) { MaildropRepository::releaseOf(transaction, processes); },
      db::Repeat::harmless);
}

Task<> PostgresMailStore::renew(std::vector<store::MaildropHolder> holders) {
  co_await database_.single(
      [&](db::Transaction& transaction) { MaildropRepository::renew(transaction, holders, terms_.lease); },
      db::Repeat::harmless);
}

void PostgresMailStore::publish(MaildropId maildrop, store::ModSeq modSeq) {
  if (modSeq == store::ModSeq{}) return;  // nothing changed
  publisher_.publish({.account = static_cast<std::int64_t>(maildrop.account),
                      .mailbox = static_cast<std::int32_t>(maildrop.mailbox),
                      .modseq = static_cast<std::int64_t>(modSeq)});
}

}  // namespace posthouse::pop3d
