#include "selected_mailbox.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::imapd;

namespace {

store::MessageState message(std::uint32_t uid, std::uint32_t flags = 0, std::int64_t modSeq = 1) {
  return {store::Uid{uid}, flags, store::ModSeq{modSeq}, 0};
}

ViewPtr view(std::vector<store::MessageState> messages) {
  auto view = std::make_shared<store::MailboxView>();
  view->uidNext = messages.empty() ? store::Uid{1} : store::Uid{static_cast<std::uint32_t>(messages.back().uid) + 1};
  view->messages = std::move(messages);
  return view;
}

SelectedMailbox select(ViewPtr view) {
  return {store::kInbox, false, std::move(view), {}};
}

std::string advance(SelectedMailbox& selected, const ViewPtr& next, bool mayExpunge, const OwnChange* own = nullptr) {
  std::string out;
  selected.advance(next, mayExpunge, own, std::nullopt, out);
  return out;
}

imap::SequenceSet set(std::string_view text) {
  Cursor in(text);
  return imap::sequenceSet(in);
}

using Positions = std::vector<SelectedMailbox::Position>;

}  // namespace

TEST_CASE("sequence numbers and UIDs name messages", "[imapd]") {
  auto selected = select(view({message(3), message(5), message(9)}));
  CHECK(selected.bySequence(set("1,3")) == Positions{0, 2});
  CHECK(selected.bySequence(set("*:2")) == Positions{1, 2});
  CHECK_FALSE(selected.bySequence(set("2:4")));
  CHECK(selected.byUid(set("4:100")) == Positions{1, 2});
  CHECK(selected.byUid(set("20:*")) == Positions{2});
  CHECK(selected.byUid(set("1:2,6")).empty());
  auto empty = select(view({}));
  CHECK(empty.bySequence(set("1:*")) == Positions{});
  CHECK(empty.bySequence(set("*")) == Positions{});
  CHECK(empty.byUid(set("1:*")).empty());
}

TEST_CASE("what happened is told in an order that keeps numbers right", "[imapd]") {
  auto selected = select(view({message(1), message(2), message(3), message(4)}));
  const auto next = view({message(2), message(4, 1), message(5), message(6)});
  CHECK(advance(selected, next, true) ==
        "* 3 EXPUNGE\r\n"
        "* 1 EXPUNGE\r\n"
        "* 4 EXISTS\r\n"
        "* 0 RECENT\r\n"
        "* 2 FETCH (FLAGS (\\Seen))\r\n");
  CHECK(selected.view() == next);
  CHECK(advance(selected, next, true).empty());
}

TEST_CASE("where numbers must stay, messages that are gone keep theirs until next time", "[imapd]") {
  auto selected = select(view({message(1), message(2), message(3)}));
  const auto next = view({message(1), message(3, 8), message(4)});
  CHECK(advance(selected, next, false) ==
        "* 4 EXISTS\r\n"
        "* 0 RECENT\r\n"
        "* 3 FETCH (FLAGS (\\Draft))\r\n");
  CHECK(selected.count() == 4);
  CHECK(advance(selected, next, false).empty());
  CHECK(advance(selected, next, true) == "* 2 EXPUNGE\r\n");
  CHECK(selected.count() == 3);
}

TEST_CASE("a session is not told what it did itself, but what others did to the same message", "[imapd]") {
  const OwnChange own{{store::Uid{1}, store::Uid{2}}, store::FlagChange::add, store::Flag::seen};
  auto selected = select(view({message(1), message(2), message(3)}));
  CHECK(advance(selected, view({message(1, 1), message(2, 17), message(3)}), true, &own) ==
        "* 2 FETCH (FLAGS (\\Seen \\Deleted))\r\n");
}

TEST_CASE("recent messages are counted and told", "[imapd]") {
  auto selected = select(view({message(1), message(2), message(3)}));
  selected.claimRecent(store::Uid{2});
  CHECK(selected.recentCount() == 2);
  std::string out;
  selected.advance(view({message(1), message(3), message(4)}), true, nullptr, store::Uid{4}, out);
  CHECK(out == "* 2 EXPUNGE\r\n* 3 EXISTS\r\n* 2 RECENT\r\n");
  out.clear();
  selected.appendFlagsResponse(out, 2, true);
  CHECK(out == "* 3 FETCH (UID 4 FLAGS (\\Recent))\r\n");
}

TEST_CASE("changes make a view of a view", "[imapd]") {
  const auto base = view({message(1), message(2), message(3)});
  store::Changes changes;
  changes.highestModSeq = store::ModSeq{9};
  changes.uidNext = store::Uid{6};
  changes.changed = {message(2, 1, 8), message(5, 0, 9)};
  changes.vanished = store::UidSet{store::Uid{3}, store::Uid{4}};
  const auto next = applyChanges(base, changes);
  CHECK(next->messages == std::vector{message(1), message(2, 1, 8), message(5, 0, 9)});
  CHECK(next->uidNext == store::Uid{6});
  CHECK(base->messages.size() == 3);
}
