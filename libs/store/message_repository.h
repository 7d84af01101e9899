#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/transaction.h"
#include "store/blob_store.h"
#include "store/content.h"
#include "store/flags.h"
#include "store/types.h"
#include "store/uid_set.h"

namespace posthouse::store {

using TimePoint = std::chrono::system_clock::time_point;

/// What a session keeps of each message of a mailbox it shows: 24 octets.
struct MessageState {
  Uid uid;
  std::uint32_t flags;  // bits of Flag
  ModSeq modSeq;
  std::uint64_t keywords;

  Flags allFlags() const noexcept { return {flags, keywords}; }
  bool operator==(const MessageState&) const = default;
};
static_assert(sizeof(MessageState) == 24);

/// A mailbox as it was in one snapshot.
struct MailboxView {
  ModSeq highestModSeq{};
  Uid uidNext{};
  std::vector<MessageState> messages;  // ascending by UID
};

/// The same without its messages.
struct MailboxCounters {
  ModSeq highestModSeq{};
  Uid uidNext{};
  std::size_t messages = 0;
};

struct Changes {
  /// False: too long ago, the log does not reach back. Then nothing else is set: read the view.
  bool complete = true;
  ModSeq highestModSeq{};
  Uid uidNext{};
  std::vector<MessageState> changed;  // new ones too; ascending by UID
  UidSet vanished;                    // may name UIDs that the reader never saw
};

/// What FETCH, SEARCH and SORT need without the body.
struct Summary {
  Uid uid{};
  EmailId email{};
  std::uint32_t size = 0;        // RFC822.SIZE: prefix and body
  std::uint32_t headerSize = 0;  // of the body's own header section, without the prefix
  TimePoint internalDate;
  std::optional<TimePoint> sentAt;
  BlobId blob;
  std::string prefix;  // header lines that stand before the body
  std::string envelope;
  std::string bodyStructure;
};

struct MessageSize {
  Uid uid;
  std::uint32_t size;
};

/// What a message is made of: what stands before the body, and the body.
struct MessageReference {
  Uid uid{};
  std::string prefix;
  BlobId blob;
};

struct Appended {
  Uid uid{};
  std::uint32_t uidValidity = 0;
  ModSeq modSeq{};
  EmailId email{};
};

enum class FlagChange { add, remove, replace };

struct FlagsStored {
  ModSeq modSeq{};  // of the change; 0 if nothing changed
  UidSet changed;   // messages whose flags are now different
  UidSet refused;   // unchangedSince: somebody changed these in between (RFC 7162 §3.1.3, MODIFIED)
};

struct Copied {
  std::uint32_t uidValidity = 0;              // of the target
  std::vector<std::pair<Uid, Uid>> messages;  // source and target, ascending
  ModSeq modSeq{};
  TimePoint savedAt;  // when the copies were made: those of others were at another time
};

struct Expunged {
  ModSeq modSeq{};  // 0 if nothing was there to expunge
  UidSet uids;
};

/// The messages of one account. Writes take the account's lock until the commit: use Database::transactFor, and
/// slices() for more than kSlice messages.
class MessageRepository {
 public:
  MessageRepository(db::Transaction& transaction, AccountId account) noexcept
      : transaction_(transaction), account_(account) {}

  /// Without an internal date: now.
  std::expected<Appended, Refusal> append(MailboxId mailbox, const Content& content, Flags flags = {},
                                          std::optional<TimePoint> internalDate = {}, std::string_view prefix = {});

  /// In Database::query, so that everything is from one snapshot. Nothing if there is no such mailbox. Reads every
  /// message: ViewRepository may know it at less.
  std::optional<MailboxView> view(MailboxId mailbox);
  std::optional<MailboxCounters> counters(MailboxId mailbox);
  MailboxView view(MailboxId mailbox, const MailboxCounters& counters);
  /// What happened after `since`, in one statement. Nothing if there is no such mailbox any more.
  std::optional<Changes> changesSince(MailboxId mailbox, ModSeq since);

  /// Of those messages that are there, ascending. Ask for a few thousand at a time.
  std::vector<Summary> summaries(MailboxId mailbox, const UidSet& uids);
  std::vector<MessageSize> sizes(MailboxId mailbox);

  /// The message as IMAP and POP3 serve it: prefix, then body. Nothing if it is gone.
  std::optional<std::string> read(MailboxId mailbox, Uid uid);
  /// At most `length` octets from `offset` of the same; reads only what it must.
  std::optional<std::string> read(MailboxId mailbox, Uid uid, std::uint64_t offset, std::uint64_t length);

  /// What read() gives of each, in the order of `summaries`, with one statement for all that are small. They come from
  /// this transaction or an earlier one: a message that was expunged since is read all the same while its body is kept.
  std::vector<std::optional<std::string>> readAll(const std::vector<const Summary*>& summaries);

  /// Of those of `uids` that are there, in one statement, ascending.
  std::vector<MessageReference> references(MailboxId mailbox, const UidSet& uids);

  FlagsStored storeFlags(MailboxId mailbox, const UidSet& uids, FlagChange change, Flags flags,
                         std::optional<ModSeq> unchangedSince = {});
  /// All or nothing. Keeps flags and internal date.
  std::expected<Copied, Refusal> copy(MailboxId from, const UidSet& uids, MailboxId to);
  std::expected<Copied, Refusal> move(MailboxId from, const UidSet& uids, MailboxId to);
  /// Which messages of `mailbox` are those that copy() or move() made, if they were committed: where that is unknown,
  /// their UIDs may never have been given, or to others. Waits for the account, so that a commit that is still under
  /// way has ended.
  UidSet made(MailboxId mailbox, const Copied& copied);
  /// Those of `uids` with \Deleted, or all of them.
  enum class Which { deleted, all };
  Expunged expunge(MailboxId mailbox, const UidSet& uids, Which which = Which::deleted);

 private:
  db::Transaction& transaction_;
  AccountId account_;
};

}  // namespace posthouse::store
