#include "watchers.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::imapd;

TEST_CASE("news reach those who look at the mailbox", "[imapd]") {
  const store::AccountId alice{1};
  Watchers watchers;
  Watch inbox(watchers, alice);
  inbox.look(store::MailboxId{1});
  Watch sent(watchers, alice);
  sent.look(store::MailboxId{2});
  Watch nothing(watchers, alice);
  Watch bob(watchers, store::AccountId{2});
  bob.look(store::MailboxId{1});

  watchers.changed(alice, store::MailboxId{1}, store::ModSeq{5});
  watchers.changed(alice, store::MailboxId{1}, store::ModSeq{4});
  CHECK(inbox.takeNews() == store::ModSeq{5});
  CHECK_FALSE(inbox.takeNews());
  CHECK_FALSE(sent.takeNews());
  CHECK_FALSE(nothing.takeNews());
  CHECK_FALSE(bob.takeNews());

  watchers.changed(alice, std::nullopt, store::ModSeq{6});
  CHECK(inbox.takeNews() == store::ModSeq{6});
  CHECK(sent.takeNews() == store::ModSeq{6});
  CHECK_FALSE(nothing.takeNews());
}

TEST_CASE("a poll tells only what it has not told before", "[imapd]") {
  const store::AccountId alice{1};
  Watchers watchers;
  Watch watch(watchers, alice);
  watch.look(store::MailboxId{1});
  watchers.polled(alice, store::ModSeq{5});
  CHECK(watch.takeNews() == store::ModSeq{5});
  watchers.polled(alice, store::ModSeq{5});
  CHECK_FALSE(watch.takeNews());
  watchers.polled(store::AccountId{7}, store::ModSeq{5});
  CHECK(watchers.accounts() == std::vector{alice});
}

TEST_CASE("sessions are counted by account", "[imapd]") {
  Watchers watchers;
  {
    Watch one(watchers, store::AccountId{1});
    Watch two(watchers, store::AccountId{1});
    CHECK(watchers.sessions(store::AccountId{1}) == 2);
  }
  CHECK(watchers.sessions(store::AccountId{1}) == 0);
  CHECK(watchers.accounts().empty());
}
