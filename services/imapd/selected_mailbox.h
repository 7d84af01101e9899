#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "imap/sequence_set.h"
#include "store/flags.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"
#include "view_cache.h"

namespace posthouse::imapd {

/// A change of flags that this session made and has told, or will tell, its client in another way.
struct OwnChange {
  store::UidSet uids;
  store::FlagChange change;
  store::Flags flags;

  /// What it makes of a message's flags.
  store::Flags applied(store::Flags before) const noexcept;
};

/// The mailbox that a session has selected, as its client knows it: which message has which number. It moves on to a
/// newer view only when the client may be told (RFC 3501 §7.4.1).
class SelectedMailbox {
 public:
  using Position = std::uint32_t;  // of a message in the view: its sequence number less one

  SelectedMailbox(store::MailboxId id, bool readOnly, ViewPtr view, store::KeywordDictionary keywords)
      : id_(id), readOnly_(readOnly), view_(std::move(view)), keywords_(std::move(keywords)) {}

  store::MailboxId id() const noexcept { return id_; }
  bool readOnly() const noexcept { return readOnly_; }

  const ViewPtr& view() const noexcept { return view_; }
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(view_->messages.size()); }
  const store::MessageState& message(Position position) const { return view_->messages[position]; }

  const store::KeywordDictionary& keywords() const noexcept { return keywords_; }
  void setKeywords(store::KeywordDictionary keywords) { keywords_ = std::move(keywords); }

  /// The messages that a client's sequence set means, ascending; nothing if it names a number that no message has.
  std::optional<std::vector<Position>> bySequence(const imap::SequenceSet& set) const;
  /// The messages whose UID is in the set; UIDs that are not there are passed over (RFC 3501 §6.4.8).
  std::vector<Position> byUid(const imap::SequenceSet& set) const;
  store::UidSet uids(std::span<const Position> positions) const;

  /// Messages from `first` on that the view has are \Recent to this session.
  void claimRecent(store::Uid first);
  bool isRecent(store::Uid uid) const noexcept { return recent_.contains(uid); }
  std::uint32_t recentCount() const;

  /// Moves on to `next` and appends what the client must be told to `out`: EXPUNGE, EXISTS, RECENT and FETCH FLAGS, the
  /// last without what `own` explains. Unless `mayExpunge`, messages that are gone keep their numbers until next time.
  /// New messages from `firstRecent` on are \Recent to this session.
  void advance(const ViewPtr& next, bool mayExpunge, const OwnChange* own, std::optional<store::Uid> firstRecent,
               std::string& out);
  /// True if `next` has messages that the client has not been told of.
  bool grows(const ViewPtr& next) const noexcept { return next->uidNext > view_->uidNext; }

  /// "* 12 FETCH (FLAGS (\Seen))"
  void appendFlagsResponse(std::string& out, Position position, bool withUid) const;
  /// "* 23 EXISTS" and "* 1 RECENT"
  void appendSize(std::string& out) const;

 private:
  store::MailboxId id_;
  bool readOnly_;
  ViewPtr view_;
  store::KeywordDictionary keywords_;
  store::UidSet recent_;
};

}  // namespace posthouse::imapd
