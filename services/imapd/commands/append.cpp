// APPEND, RFC 3501 §6.3.11; APPENDUID, RFC 4315 §3.
#include <fmt/format.h>

#include "mailbox_replies.h"
#include "message/header.h"
#include "message/summary.h"
#include "session.h"
#include "store/content.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"

namespace posthouse::imapd {
namespace {

imap::Reply noRoom() {
  return imap::Reply::no("LIMIT", "Too many messages are being stored now, try again");
}

struct Stored {
  store::MailboxId mailbox;
  store::Appended appended;
};

std::expected<Stored, store::Refusal> place(db::Transaction& transaction, store::AccountId account,
                                            const imap::Append& append, const store::Content& content,
                                            store::Flags flags) {
  const auto mailbox = store::MailboxRepository(transaction, account).find(append.mailbox);
  if (!mailbox) return std::unexpected(store::Refusal::noSuchMailbox);
  const auto appended =
      store::MessageRepository(transaction, account).append(mailbox->id, content, flags, append.internalDate);
  if (!appended) return std::unexpected(appended.error());
  return Stored{mailbox->id, *appended};
}

}  // namespace

/// Judges the command before its message is asked for, as far as that can be done.
Task<> Session::answerAppend(const imap::CommandReader& announced) {
  const auto began = std::chrono::steady_clock::now();
  const auto [tag, append] = *imap::parseAppendHead(announced.text());
  if (auto refusal = co_await guarded([this, &append] { return judge(append); });
      refusal.condition != imap::Condition::ok) {
    if (refusal.condition == imap::Condition::bad) countBad();
    services_.metrics.countCommand("APPEND", refusal.condition, 0);
    if (co_await discardRest(announced)) co_await reply(tag, refusal);
    co_return;
  }
  if (announced.literalIsSynchronizing()) {
    stream_.write("+ Ready for the message\r\n");
    co_await stream_.flush(transfer());
  }
  MemoryShare memory(services_.appendMemory);
  const std::optional<std::string> message = co_await readMessage(append.size, memory);
  const auto rest = co_await stream_.readLine(services_.config.maxCommand + 2, transfer());
  if (!rest) throw net::ConnectionLost("the client left within APPEND");
  if (!rest->empty()) {
    imap::CommandReader more({.command = services_.config.maxCommand});
    more.addLine(*rest);
    countBad();
    if (co_await discardRest(more)) co_await reply(tag, Reply::bad("Text after the message"));
    co_return;
  }
  if (!message) {
    services_.metrics.countCommand("APPEND", imap::Condition::no, 0);
    co_return co_await reply(tag, noRoom());
  }
  const Reply result = co_await guarded([this, &append, &message] { return store(append, *message); });
  if (selected_) co_await showNews(true);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  services_.metrics.countCommand("APPEND", result.condition, took.count());
  co_await reply(tag, result);
}

/// The message, or nothing if the others under way leave no room for it; it is read in any case. What is held is
/// counted as it comes: who announces a message and sends none keeps nobody else from sending his. He has a while, and
/// longer for a large one.
Task<std::optional<std::string>> Session::readMessage(std::uint64_t size, MemoryShare& memory) {
  constexpr std::uint64_t kPiece = std::uint64_t{64} * 1024;
  constexpr std::uint64_t kSlowest = std::uint64_t{8} * 1024;  // octets a second
  const net::Deadline deadline(net::Patience(services_.config.transferTimeout + std::chrono::seconds(size / kSlowest),
                                             services_.lastCall, wakeup()));
  std::optional<std::string> message = std::string();
  std::string dropped;
  for (std::uint64_t left = size; left > 0;) {
    std::string& into = message ? *message : dropped;
    net::Patience patience = deadline.left();
    patience.timeout = std::min(patience.timeout, services_.config.transferTimeout);
    const std::size_t count = co_await stream_.readSome(into, std::min(left, kPiece), patience);
    if (count == 0) throw net::ConnectionLost("the client left within APPEND");
    left -= count;
    dropped.clear();
    if (message && !memory.grow(message->capacity())) {
      message.reset();
      memory.release();
    }
  }
  co_return message;
}

/// Whether the message may come at all.
Task<imap::Reply> Session::judge(const imap::Append& append) {
  if (!identity_) co_return Reply::bad("Log in first");
  if (identity_->readOnly) co_return mayOnlyRead();
  if (append.size == 0) co_return Reply::no("CANNOT", "An empty message");
  if (append.size > services_.config.maxMessageSize) {
    services_.metrics.literalsRejected.Increment();
    co_return Reply::no("TOOBIG", fmt::format("A message may have {} octets", services_.config.maxMessageSize));
  }
  if (services_.appendMemory.held() + append.size > services_.config.appendMemory) co_return noRoom();
  const auto account = identity_->account;
  const auto mailbox = co_await services_.database.query([&](db::Transaction& transaction) {
    return store::MailboxRepository(transaction, account).find(append.mailbox);
  });
  if (!mailbox) co_return refused(store::Refusal::noSuchMailbox);
  co_return Reply::ok("Go on");
}

Task<imap::Reply> Session::store(const imap::Append& append, const std::string& message) {
  const auto flags = co_await storableFlags(append.flags);
  if (!flags) co_return flags.error();
  if (message::Header::of(message).size() > services_.config.maxHeaderSize) {
    co_return Reply::no("TOOBIG", fmt::format("A header may have {} octets", services_.config.maxHeaderSize));
  }
  auto summary = message::summarize(message);
  std::optional<std::chrono::system_clock::time_point> sentAt;
  if (summary.sentAt) sentAt = summary.sentAt->time;
  const store::Content content(message, static_cast<std::uint32_t>(summary.headerSize), std::move(summary.envelope),
                               std::move(summary.bodyStructure), sentAt);
  const auto account = identity_->account;
  const auto stored = co_await services_.database.transactFor(
      account, [&](db::Transaction& transaction) { return place(transaction, account, append, content, *flags); });
  if (!stored) {
    if (stored.error() == store::Refusal::overQuota) services_.metrics.quotaExceeded.Increment();
    co_return refused(stored.error());
  }
  services_.metrics.appended.Increment();
  committed(stored->mailbox, stored->appended.modSeq);
  const auto code =
      fmt::format("APPENDUID {} {}", stored->appended.uidValidity, static_cast<std::uint32_t>(stored->appended.uid));
  co_return Reply::ok(code, "APPEND completed");
}

}  // namespace posthouse::imapd
