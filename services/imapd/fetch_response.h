#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "async/task.h"
#include "imap/fetch.h"
#include "known_structure.h"
#include "message/mime.h"
#include "message_octets.h"
#include "net/line_stream.h"
#include "selected_mailbox.h"
#include "services.h"

namespace posthouse::imapd {

/// What must be known of each message for the items of a FETCH.
class FetchPlan {
 public:
  FetchPlan(std::vector<imap::FetchItem> items, bool byUid);

  const std::vector<imap::FetchItem>& items() const noexcept { return items_; }
  bool hasFlags() const noexcept { return hasFlags_; }
  bool setsSeen() const noexcept { return setsSeen_; }
  bool needsSummary() const noexcept { return needsSummary_; }
  /// The octets to hold in memory for a message; nothing if none. What is a stretch or a part of a large message is
  /// streamed instead.
  std::optional<Extent> extent(const store::Summary& summary) const;
  /// Whether the structure of a message must be known without its octets being held.
  bool needsStructure(const store::Summary& summary) const;
  /// Messages to look at at a time.
  std::size_t batch() const noexcept { return needsSummary_ ? 500 : 5000; }

 private:
  std::vector<imap::FetchItem> items_;
  bool hasFlags_ = false;
  bool setsSeen_ = false;
  bool needsSummary_ = false;
  bool needsHeader_ = false;
  bool needsStretch_ = false;
  bool needsTree_ = false;
};

/// Writes "* n FETCH (...)" for messages of the selected mailbox. Holds a piece of the mail in memory, not more:
/// flushes to the client as it goes.
class FetchResponse {
 public:
  FetchResponse(Services& services, store::AccountId account, const SelectedMailbox& selected, const FetchPlan& plan,
                KnownStructure& known, net::LineStream& stream, login::OpenSession& open)
      : services_(services),
        selected_(selected),
        plan_(plan),
        known_(known),
        stream_(stream),
        open_(open),
        account_(account) {}

  /// `nowSeen`: messages that this FETCH has given \Seen, whose flags are told too. True if some are not there any
  /// more.
  Task<bool> write(std::span<const SelectedMailbox::Position> positions, const store::UidSet& nowSeen);

 private:
  using Position = SelectedMailbox::Position;
  struct Subject {
    Position position;
    const store::Summary* summary = nullptr;
    std::optional<std::string> octets = {};
    std::optional<message::Part> tree = {};  // of octets
  };

  Task<> writeMessage(Subject& subject, bool tellFlags);
  Task<bool> learnStructure(const store::Summary& summary);
  Task<> writeBody(Subject& subject, const imap::fetch::Body& body);
  Task<> writePart(const store::Summary& summary, const imap::fetch::Body& body);
  Task<> flushLiteral();
  Task<> stream(store::Uid uid, std::uint64_t offset, std::uint64_t count);
  Task<std::string> piece(store::Uid uid, std::uint64_t offset, std::uint64_t length);
  std::string plainItem(const Subject& subject, const imap::FetchItem& item) const;
  void writeOctets(std::string_view octets);
  Task<> breathe();
  net::Patience transfer();

  Services& services_;
  const SelectedMailbox& selected_;
  const FetchPlan& plan_;
  KnownStructure& known_;  // of selected_
  net::LineStream& stream_;
  login::OpenSession& open_;
  store::AccountId account_;
};

}  // namespace posthouse::imapd
