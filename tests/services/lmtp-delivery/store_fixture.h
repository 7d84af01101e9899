#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "store/message_repository.h"
#include "store_mailroom.h"
#include "support/quiet_sink.h"
#include "support/test_database.h"

namespace posthouse::lmtp_delivery {

inline const std::string kMessage = "Subject: hello\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\n\r\nworld\r\n";

/// A mailroom over a database of its own.
struct Store {
  test::TestDatabase postgres;
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "lmtp-delivery", "test"};
  Metrics metrics{registry};
  events::Publisher publisher{loop, {}, {}, registry};
  db::Database database;
  db::Database writers;
  Batcher batcher{writers, database, {.writers = 1}, metrics, log};
  StoreMailroom mailroom{batcher, database, publisher, metrics, log};
  directory::Account alice;
  directory::Account bob;
  ClientGone gone = false;

  explicit Store(const std::string& url = {})
      : database(loop, options(url), registry),
        writers(loop, options(url), registry),
        alice(account("alice@mail.test")),
        bob(account("bob@mail.test", 1000)) {}

  db::Options options(const std::string& url) const {
    return {.url = url.empty() ? postgres.urlAs("posthouse_lmtp_delivery") : url,
            .applicationName = "test",
            .preparedStatements = true,
            .connectPatience = std::chrono::milliseconds(200),
            .lockTimeout = std::chrono::milliseconds(100)};
  }

  directory::Account account(const std::string& address, std::int64_t quota = 0) {
    return {static_cast<std::int64_t>(postgres.addAccount(address, {}, quota)), address};
  }

  ~Store() { loop.runUntilDone(batcher.drained()); }

  std::vector<Verdict> deliver(const std::vector<Recipient>& recipients, std::string_view octets = kMessage) {
    return loop.runUntilDone(mailroom.deliver(octets, "carol@x.example", recipients, gone));
  }

  /// Everything in the inbox, oldest first.
  std::vector<std::string> inbox(const directory::Account& account) {
    return postgres.transact([&](db::Transaction& transaction) {
      store::MessageRepository messages(transaction, store::AccountId{account.id});
      std::vector<std::string> texts;
      for (const store::MessageSize& message : messages.sizes(store::kInbox)) {
        texts.push_back(messages.read(store::kInbox, message.uid).value());
        CHECK(texts.back().size() == message.size);
      }
      return texts;
    });
  }
};

inline Recipient to(const directory::Account& account, std::string key = {}, std::string retryKey = {}) {
  return {account.address, {account}, std::move(key), std::move(retryKey)};
}

}  // namespace posthouse::lmtp_delivery
