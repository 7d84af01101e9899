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

/// The octets that one APPEND holds in memory, counted among all of the process.
class Reservation {
 public:
  Reservation(std::uint64_t& total, std::uint64_t octets) : total_(total), octets_(octets) { total_ += octets_; }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { total_ -= octets_; }

 private:
  std::uint64_t& total_;
  std::uint64_t octets_;
};

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
  const Reservation reservation(services_.appendOctets, append.size);
  if (announced.literalIsSynchronizing()) {
    stream_.write("+ Ready for the message\r\n");
    co_await stream_.flush(transfer());
  }
  const std::string message = co_await stream_.readOctets(append.size, transfer());
  const auto rest = co_await stream_.readLine(services_.config.maxCommand + 2, transfer());
  if (!rest) throw net::ConnectionLost("the client left within APPEND");
  if (!rest->empty()) {
    imap::CommandReader more({.command = services_.config.maxCommand});
    more.addLine(*rest);
    countBad();
    if (co_await discardRest(more)) co_await reply(tag, Reply::bad("Text after the message"));
    co_return;
  }
  const Reply result = co_await guarded([this, &append, &message] { return store(append, message); });
  if (selected_) co_await showNews(true);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  services_.metrics.countCommand("APPEND", result.condition, took.count());
  co_await reply(tag, result);
}

/// Whether the message may come at all.
Task<imap::Reply> Session::judge(const imap::Append& append) {
  if (!identity_) co_return Reply::bad("Log in first");
  if (append.size == 0) co_return Reply::no("CANNOT", "An empty message");
  if (append.size > services_.config.maxMessageSize) {
    services_.metrics.literalsRejected.Increment();
    co_return Reply::no("TOOBIG", fmt::format("A message may have {} octets", services_.config.maxMessageSize));
  }
  if (services_.appendOctets + append.size > services_.config.appendMemory) {
    co_return Reply::no("LIMIT", "Too many messages are being stored now, try again");
  }
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
  if (!stored) co_return refused(stored.error());
  committed(stored->mailbox, stored->appended.modSeq);
  const auto code =
      fmt::format("APPENDUID {} {}", stored->appended.uidValidity, static_cast<std::uint32_t>(stored->appended.uid));
  co_return Reply::ok(code, "APPEND completed");
}

}  // namespace posthouse::imapd
