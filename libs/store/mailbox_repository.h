#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/flags.h"
#include "store/types.h"

namespace posthouse::store {

/// What a mailbox is for (RFC 6154; RFC 8621 §2). The text form is what is stored: "inbox", "drafts" …
enum class Role { none, inbox, drafts, sent, junk, trash, archive, flagged, all };
std::string_view toText(Role role);
Role roleNamed(std::string_view text);
/// The special-use attribute, as "\Sent"; empty for none and inbox.
std::string_view specialUse(Role role);

struct Mailbox {
  MailboxId id{};
  std::string name;  // the full one, in UTF-8, levels separated by '/'; "INBOX" in capitals
  Role role = Role::none;
  std::uint32_t uidValidity = 0;
  Uid uidNext{};
  ModSeq highestModSeq{};
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t deleted = 0;
  std::uint64_t bytes = 0;
  Uid firstRecent{};           // messages from here on are \Recent to the next session that selects the mailbox
  std::uint64_t keywords = 0;  // mask of the keywords ever used here
  bool subscribed = false;
  bool hasChildren = false;

  std::uint32_t recent() const noexcept;  // an upper bound: some of these may be expunged
};

/// A mailbox as it is when a session selects it, but for its messages.
struct OpenedMailbox {
  MailboxId id{};
  std::uint32_t uidValidity = 0;
  ModSeq highestModSeq{};
  Uid firstRecent{};
  std::uint64_t keywords = 0;  // mask of the keywords ever used here
  KeywordDictionary dictionary;
};

/// What one transaction has done of a command that may concern more messages than one may touch (kSlice).
struct MailboxStep {
  MailboxId mailbox{};       // that is removed, that has another name now, or that takes what was in INBOX
  ModSeq modSeq{};           // of the account, afterwards
  std::size_t messages = 0;  // removed or moved
  bool isLast = true;
  Uid inboxEnd{};  // the messages of INBOX below it were there at the first step
};

enum class MailboxError {
  noSuchMailbox,
  exists,
  hasChildren,
  inboxStays,  // INBOX cannot be removed
  badName,     // empty level, control character, too long or too deep
  tooManyMailboxes,
  tooManySubscriptions,
};

/// The mailboxes of one account. Names are compared octet for octet, but INBOX, and INBOX as the first level, in any
/// case. Callers hand in UTF-8 (NFC is theirs to make) and convert to modified UTF-7 themselves.
class MailboxRepository {
 public:
  static constexpr char kSeparator = '/';
  static constexpr std::size_t kMaxName = 1024;  // octets of a full name
  static constexpr std::size_t kMaxDepth = 32;
  static constexpr std::size_t kMaxMailboxes = 10'000;
  static constexpr std::size_t kMaxSubscriptions = 2 * kMaxMailboxes;  // also to what is not there, RFC 3501 §6.3.6

  MailboxRepository(db::Transaction& transaction, AccountId account) noexcept
      : transaction_(transaction), account_(account) {}

  /// All, ordered by name with INBOX first.
  std::vector<Mailbox> list();
  std::optional<Mailbox> find(std::string_view name);
  std::optional<Mailbox> find(MailboxId mailbox);

  /// Also makes the levels above that do not exist.
  std::expected<Mailbox, MailboxError> create(std::string_view name, Role role = Role::none);
  /// What is below moves along, and so do subscriptions. INBOX: its messages move to the new name, it stays (RFC 3501
  /// §6.3.5); those that come meanwhile move along as far as the last step has room for them. To be repeated, in
  /// transactions of their own and with the step `before`, until a step is the last. Who was cut off between two steps
  /// begins anew, and it goes on.
  std::expected<MailboxStep, MailboxError> rename(std::string_view from, std::string_view to,
                                                  const std::optional<MailboxStep>& before = {});
  /// The mailbox and its messages. Refused while it has children. Repeated as rename().
  std::expected<MailboxStep, MailboxError> remove(std::string_view name, const std::optional<MailboxStep>& before = {});

  /// A name may be subscribed to without being there (RFC 9051 §6.3.7).
  std::expected<void, MailboxError> subscribe(std::string_view name);
  void unsubscribe(std::string_view name);
  std::vector<std::string> subscriptions();

  /// What SELECT needs, in one statement.
  std::optional<OpenedMailbox> open(std::string_view name);
  /// Gives the messages below `below` that are \Recent to the caller, who is then the only one: the first such UID
  /// (RFC 3501 §2.3.2), or `below`. One statement; nobody waits for the disk.
  Uid takeRecent(MailboxId mailbox, Uid below);

  /// Who first selects a mailbox may also want the first message without \Seen.
  std::optional<Uid> firstUnseen(MailboxId mailbox);

 private:
  std::size_t missing(std::vector<std::string> levels);
  bool hasRoomFor(std::size_t more);
  std::expected<MailboxStep, MailboxError> renameInbox(const std::vector<std::string>& target,
                                                       const std::optional<MailboxStep>& before);
  bool takesInbox(MailboxId mailbox);
  /// The first messages of a mailbox, as many as one transaction may touch. The account is locked.
  std::vector<Uid> firstSlice(MailboxId mailbox);
  ModSeq modSeq();

  db::Transaction& transaction_;
  AccountId account_;
};

}  // namespace posthouse::store
