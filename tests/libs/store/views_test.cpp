#include <catch2/catch.hpp>
#include <random>

#include "store/account_repository.h"
#include "store/mailbox_repository.h"
#include "store/view_image.h"
#include "store/view_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;

namespace {

bool areSame(const MailboxView& a, const MailboxView& b) {
  return a.highestModSeq == b.highestModSeq && a.uidNext == b.uidNext && a.messages == b.messages;
}

/// Any UIDs, flags and mod-sequences, up and down and to the edges of what there is.
MailboxView randomView(std::uint32_t seed, std::size_t messages) {
  std::mt19937_64 random(seed);
  MailboxView view{.highestModSeq = ModSeq{0x7FFFFFFFFFFFFFFF}, .uidNext = Uid{0xFFFFFFFF}, .messages = {}};
  std::uint32_t uid = 0;
  for (std::size_t i = 0; i < messages; ++i) {
    uid += 1 + static_cast<std::uint32_t>(random() % 40'000);
    view.messages.push_back({.uid = Uid{uid},
                             .flags = static_cast<std::uint32_t>(random()),
                             .modSeq = static_cast<ModSeq>(random() >> 1),
                             .keywords = random()});
  }
  return view;
}

/// 8192 messages in INBOX.
void fill(db::Transaction& transaction, AccountId account) {
  MessageRepository messages(transaction, account);
  REQUIRE(messages.append(kInbox, Content("Subject: x\r\n\r\n", 14, "", "")));
  for (int i = 0; i < 13; ++i) REQUIRE(messages.copy(kInbox, UidSet::all(), kInbox));
}

std::size_t rememberedViews(db::Transaction& transaction) {
  return transaction.exec1("SELECT count(*) FROM posthouse.mailbox_view")[0].get<std::size_t>(0);
}

}  // namespace

TEST_CASE("a view is the same after it was an image", "[store]") {
  const std::size_t messages = GENERATE(0U, 1U, 7U, 10'000U);
  const MailboxView view = randomView(static_cast<std::uint32_t>(messages), messages);
  const auto again = fromImage(toImage(view));
  REQUIRE(again);
  CHECK(areSame(*again, view));
}

TEST_CASE("what is no image is nothing", "[store]") {
  const std::string image = toImage(randomView(1, 100));
  CHECK_FALSE(fromImage(""));
  CHECK_FALSE(fromImage("\1"));
  CHECK_FALSE(fromImage("\2" + image.substr(1)));
  for (const std::size_t cut : {std::size_t{2}, std::size_t{12}, image.size() / 2, image.size() - 1}) {
    CHECK_FALSE(fromImage(std::string_view(image).substr(0, cut)));
  }
}

TEST_CASE("the view of a large mailbox is remembered, and is as it is now", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    fill(transaction, alice);
    ViewRepository views(transaction, alice);
    MessageRepository messages(transaction, alice);
    const auto first = views.read(kInbox);
    REQUIRE(first);
    CHECK(first->isDear);
    CHECK(first->view.messages.size() == 8192);
    views.remember(kInbox, first->view);
    const auto second = views.read(kInbox);
    CHECK_FALSE(second->isDear);
    CHECK(areSame(second->view, first->view));

    messages.storeFlags(kInbox, UidSet::range(Uid{100}, Uid{200}), FlagChange::add, Flags(16, 5));
    messages.expunge(kInbox, UidSet::range(Uid{150}, Uid{400}));
    messages.append(kInbox, Content("Subject: x\r\n\r\n", 14, "", ""), Flag::draft).value();
    const auto third = views.read(kInbox);
    CHECK_FALSE(third->isDear);
    CHECK(areSame(third->view, messages.view(kInbox).value()));

    messages.storeFlags(kInbox, UidSet::range(Uid{1000}, Uid{3000}), FlagChange::add, Flag::seen);
    const auto fourth = views.read(kInbox);
    CHECK(fourth->isDear);
    CHECK(areSame(fourth->view, messages.view(kInbox).value()));
    views.remember(kInbox, fourth->view);
    views.remember(kInbox, first->view);  // by somebody who was slow
    CHECK_FALSE(views.read(kInbox)->isDear);

    // The log has forgotten what happened since.
    messages.storeFlags(kInbox, {Uid{5}}, FlagChange::add, Flag::seen);
    transaction.exec("DELETE FROM posthouse.change_log WHERE account_id = $1", alice);
    transaction.exec("UPDATE posthouse.account_state SET log_floor = modseq WHERE account_id = $1", alice);
    const auto fifth = views.read(kInbox);
    CHECK(fifth->isDear);
    CHECK(areSame(fifth->view, messages.view(kInbox).value()));
    CHECK_FALSE(views.read(MailboxId{99}));
  });
}

TEST_CASE("views go with their mailbox and with their account", "[store]") {
  test::TestDatabase database;
  const AccountId alice = database.addAccount("alice");
  database.transact([&](db::Transaction& transaction) {
    ViewRepository views(transaction, alice);
    MailboxRepository mailboxes(transaction, alice);
    const MailboxId work = mailboxes.create("Work")->id;
    views.remember(work, randomView(1, 10));
    views.remember(kInbox, randomView(2, 10));
    CHECK(rememberedViews(transaction) == 2);
    CHECK(mailboxes.remove("Work"));
    views.remember(work, randomView(3, 10));
    CHECK(rememberedViews(transaction) == 1);
    CHECK(AccountRepository(transaction).remove("alice@mail.test"));
    CHECK(rememberedViews(transaction) == 0);
  });
}
