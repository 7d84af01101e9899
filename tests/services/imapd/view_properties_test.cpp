// What a client makes of the untagged responses is what the mailbox is, whatever happens to it (RFC 3501 §5.2, §7.4.1).
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "base/cursor.h"
#include "selected_mailbox.h"

using namespace posthouse;
using namespace posthouse::imapd;

namespace {

using FlagNames = std::set<std::string>;

FlagNames namesOf(std::uint32_t bits) {
  static const std::map<std::uint32_t, std::string> kNames{
      {1, "\\Seen"}, {2, "\\Flagged"}, {4, "\\Answered"}, {8, "\\Draft"}, {16, "\\Deleted"}};
  FlagNames names;
  for (const auto& [bit, name] : kNames) {
    if ((bits & bit) != 0) names.insert(name);
  }
  return names;
}

/// A mailbox as the server has it, and what has changed in it since a mod-sequence.
class Mailbox {
 public:
  explicit Mailbox(std::uint32_t seed) : random_(seed) {}

  /// A handful of messages added, given other flags, or expunged; with none left now and then.
  void happen() {
    for (std::uint32_t events = below(6); events > 0; --events) {
      const std::uint32_t what = below(8);
      if (what < 3) append();
      if (what >= 3 && what < 6 && !messages_.empty()) change(any());
      if (what == 6 && !messages_.empty()) expunge(any());
      if (what == 7 && below(20) == 0) {
        while (!messages_.empty()) expunge(messages_.begin()->first);
      }
    }
  }

  void add(std::uint32_t uid, std::uint32_t bits) { change(uid, messages_.at(uid).flags | bits); }
  std::uint32_t below(std::uint32_t bound) { return random_() % bound; }

  ViewPtr view() const {
    auto view = std::make_shared<store::MailboxView>();
    view->highestModSeq = store::ModSeq{modSeq_};
    view->uidNext = store::Uid{uidNext_};
    for (const auto& [uid, message] : messages_) view->messages.push_back(message);
    return view;
  }

  /// As the store tells it: what came and went in between is among the vanished only.
  store::Changes since(store::ModSeq modSeq) const {
    store::Changes changes;
    changes.highestModSeq = store::ModSeq{modSeq_};
    changes.uidNext = store::Uid{uidNext_};
    for (const auto& [uid, message] : messages_) {
      if (message.modSeq > modSeq) changes.changed.push_back(message);
    }
    for (const auto& [uid, when] : expunged_) {
      if (when > modSeq) changes.vanished.add(store::Uid{uid});
    }
    return changes;
  }

  std::map<std::uint32_t, store::MessageState> messages_;  // by UID

 private:
  void append() {
    uidNext_ += below(3);  // UIDs need not be without gaps
    const store::Uid uid{uidNext_};
    messages_[uidNext_++] = {uid, below(32), store::ModSeq{++modSeq_}, 0};
  }
  void change(std::uint32_t uid) { change(uid, below(32)); }
  void change(std::uint32_t uid, std::uint32_t flags) {
    messages_.at(uid).flags = flags;
    messages_.at(uid).modSeq = store::ModSeq{++modSeq_};
  }
  void expunge(std::uint32_t uid) {
    messages_.erase(uid);
    expunged_[uid] = store::ModSeq{++modSeq_};
  }
  std::uint32_t any() {
    return std::next(messages_.begin(), below(static_cast<std::uint32_t>(messages_.size())))->first;
  }

  std::minstd_rand random_;
  std::map<std::uint32_t, store::ModSeq> expunged_;
  std::int64_t modSeq_ = 1;
  std::uint32_t uidNext_ = 1;
};

/// A client that believes nothing but what it is told. It knows the flags of a message once they were told or, of one
/// that is new to it, asked for.
class Client {
 public:
  void read(std::string_view responses, bool mayExpunge) {
    Cursor in(responses);
    while (!in.atEnd()) {
      in.expect("* ");
      const auto number = in.number<std::uint32_t>();
      if (in.take(" EXPUNGE\r\n")) {
        REQUIRE(mayExpunge);
        REQUIRE(number >= 1);
        REQUIRE(number <= flags.size());
        flags.erase(flags.begin() + (number - 1));
      } else if (in.take(" EXISTS\r\n")) {
        REQUIRE(number > flags.size());  // only EXPUNGE makes it smaller (RFC 3501 §7.3.1)
        flags.resize(number);
      } else if (in.take(" FETCH (FLAGS (")) {
        REQUIRE(number >= 1);
        REQUIRE(number <= flags.size());
        flags[number - 1] = flagList(in);
      } else {
        in.expect(" RECENT\r\n");
        REQUIRE(number <= flags.size());
        recent = number;
      }
    }
  }

  /// The flags of new messages, which FETCH tells.
  void fetchNew(const SelectedMailbox& selected) {
    REQUIRE(flags.size() == selected.count());
    for (std::uint32_t position = 0; position < flags.size(); ++position) {
      if (flags[position]) continue;
      std::string response;
      selected.appendFlagsResponse(response, position, false);
      read(response, false);
    }
  }

  std::vector<std::optional<FlagNames>> flags;
  std::uint32_t recent = 0;

 private:
  static FlagNames flagList(Cursor& in) {
    FlagNames names;
    while (!in.take("))\r\n")) {
      const std::string_view name = in.expectWhile([](char c) { return c != ' ' && c != ')'; }, "a flag");
      if (name != "\\Recent") names.emplace(name);
      in.take(" ");
    }
    return names;
  }
};

void checkSame(const Client& client, const Mailbox& mailbox) {
  REQUIRE(client.flags.size() == mailbox.messages_.size());
  std::size_t position = 0;
  for (const auto& [uid, message] : mailbox.messages_) {
    CAPTURE(uid, position);
    REQUIRE(client.flags[position++] == namesOf(message.flags));
  }
}

/// Where numbers had to stay: those that are there have the flags that they have in the mailbox.
void checkAllThere(const Client& client, const SelectedMailbox& selected, const Mailbox& mailbox) {
  std::size_t there = 0;
  for (std::uint32_t position = 0; position < selected.count(); ++position) {
    const auto found = mailbox.messages_.find(static_cast<std::uint32_t>(selected.message(position).uid));
    if (found == mailbox.messages_.end()) continue;
    ++there;
    REQUIRE(client.flags[position] == namesOf(found->second.flags));
  }
  REQUIRE(there == mailbox.messages_.size());
}

/// The session's own STORE +FLAGS of some messages, which it answers itself: what it did is not told again.
std::optional<OwnChange> ownStore(Mailbox& mailbox, SelectedMailbox& selected, Client& client) {
  if (mailbox.below(3) != 0) return std::nullopt;
  OwnChange own{{}, store::FlagChange::add, store::Flag::seen};
  for (std::uint32_t position = 0; position < selected.count(); ++position) {
    const auto uid = static_cast<std::uint32_t>(selected.message(position).uid);
    if (mailbox.below(3) != 0 || !mailbox.messages_.contains(uid)) continue;
    mailbox.add(uid, 1);
    own.uids.add(store::Uid{uid});
    client.flags[position]->insert("\\Seen");
  }
  return own;
}

}  // namespace

TEST_CASE("a view that follows the changes is the mailbox", "[imapd]") {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    Mailbox mailbox(seed);
    ViewPtr view = mailbox.view();
    for (int step = 0; step < 50; ++step) {
      CAPTURE(seed, step);
      mailbox.happen();
      const ViewPtr now = mailbox.view();
      const ViewPtr before = std::make_shared<store::MailboxView>(*view);
      const ViewPtr next = applyChanges(view, mailbox.since(view->highestModSeq));
      REQUIRE(next->messages == now->messages);
      REQUIRE(next->uidNext == now->uidNext);
      REQUIRE(next->highestModSeq == now->highestModSeq);
      REQUIRE(view->messages == before->messages);  // others look at it
      // More than is new to the view, as when another has read it meanwhile, makes no difference.
      REQUIRE(applyChanges(next, mailbox.since(before->highestModSeq))->messages == now->messages);
      view = next;
    }
  }
}

TEST_CASE("what a client is told makes its mailbox the server's, at every step", "[imapd]") {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    Mailbox mailbox(seed);
    mailbox.happen();
    SelectedMailbox selected(store::kInbox, false, mailbox.view(), {});
    ViewPtr known = selected.view();
    Client client;
    client.flags.resize(selected.count());
    client.fetchNew(selected);
    for (int step = 0; step < 50; ++step) {
      CAPTURE(seed, step);
      mailbox.happen();
      const auto own = ownStore(mailbox, selected, client);
      known = applyChanges(known, mailbox.since(known->highestModSeq));
      const bool mayExpunge = mailbox.below(2) == 0;
      std::optional<store::Uid> firstRecent;
      if (selected.grows(known) && mailbox.below(2) == 0) firstRecent = selected.view()->uidNext;
      std::string responses;
      selected.advance(known, mayExpunge, own ? &*own : nullptr, firstRecent, responses);
      CAPTURE(responses, mayExpunge);
      client.read(responses, mayExpunge);
      client.fetchNew(selected);
      if (mayExpunge) checkSame(client, mailbox);
      checkAllThere(client, selected, mailbox);
      if (responses.contains("RECENT")) REQUIRE(client.recent == selected.recentCount());
      responses.clear();
      selected.advance(known, mayExpunge, nullptr, std::nullopt, responses);
      REQUIRE(responses.empty());  // nothing is told twice
    }
  }
}
