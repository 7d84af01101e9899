#pragma once
#include <chrono>
#include <concepts>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "async/task.h"
#include "imap/command.h"
#include "imap/command_reader.h"
#include "imap/parser.h"
#include "imap/response.h"
#include "known_structure.h"
#include "login/open_sessions.h"
#include "net/line_stream.h"
#include "net/tls_context.h"
#include "selected_mailbox.h"
#include "services.h"
#include "slice_pace.h"

namespace posthouse::imapd {

/// One client's conversation, from the greeting to BYE. Commands are answered one after the other, in the order of
/// arrival; each `on` is a file in commands/, writes its untagged responses and returns the tagged one.
class Session {
 public:
  /// `tls`: what STARTTLS would begin; null where it is not offered. `stop` ends the session after the command it is
  /// at.
  Session(std::unique_ptr<net::ByteStream> client, Services& services, const net::TlsContext* tls, std::string id,
          std::stop_token stop);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Task<> run();

 private:
  using Reply = imap::Reply;
  using Position = SelectedMailbox::Position;
  using Positions = std::vector<Position>;

  // The conversation: session.cpp
  Task<> converse();
  Task<> greet();
  Task<> readCommand();
  Task<> answer(std::string_view text);
  Task<> refuseSize(const imap::CommandReader& reader);
  Task<bool> discardRest(const imap::CommandReader& refused);
  Task<> reply(std::string_view tag, const Reply& reply);
  Task<> upgrade();
  Task<> idle();
  Task<Reply> tellNews();
  void countBad();
  void say(std::string_view untagged);
  void bye(std::string_view text, Farewell why);
  void sayEnding(login::EndReason reason);
  void enter(Stage stage);
  Task<> breathe();
  net::Patience untilNextCommand();
  net::Wakeup* wakeup() { return open_ ? &open_->wakeup() : nullptr; }
  net::Patience transfer();

  // What a command needs before it may run: dispatch.cpp
  Task<Reply> execute(const imap::Command& command);
  template <class Command>
  std::optional<Reply> refusal() const;
  Task<Reply> guarded(std::function<Task<Reply>()> handler);
  Reply failed(const std::exception& error, std::string_view what);
  template <class Command>
  Task<Reply> perform(const Command& command);
  /// A transaction of the account. Somebody who works on it for seconds is waited for more than once: what has begun in
  /// slices is not given up lightly.
  template <std::invocable<db::Transaction&> Job>
  Task<std::invoke_result_t<Job&, db::Transaction&>> inTurn(Job job) {
    constexpr int kTurns = 3;
    for (int left = kTurns;;) {
      try {
        co_return co_await services_.database.transactFor(identity_->account, job);
      } catch (const db::Busy&) {
        if (--left == 0) throw;
      }
    }
  }
  /// A transaction of the account that may be repeated, tried until the database is back: it is likely to be away where
  /// a commit was in doubt. Nothing if it does not come back.
  template <std::invocable<db::Transaction&> Job>
  Task<std::optional<std::invoke_result_t<Job&, db::Transaction&>>> untilDone(Job job) {
    constexpr std::chrono::milliseconds kPause{250};
    constexpr int kTries = 40;
    for (int left = kTries; left > 0; --left) {
      try {
        co_return co_await services_.database.transactFor(identity_->account, job, db::Repeat::harmless);
      } catch (const std::exception& error) {
        log_.warn("imap.slice.open", "what became of a slice cannot be seen to yet", {{"error", error.what()}});
      }
      co_await services_.loop.sleep(kPause);
    }
    co_return std::nullopt;
  }

  // commands/
  Task<Reply> on(const imap::Capability&);
  Task<Reply> on(const imap::Noop&);
  Task<Reply> on(const imap::Logout&);
  Task<Reply> on(const imap::Id& id);
  Task<Reply> on(const imap::StartTls&);
  Task<Reply> on(const imap::Authenticate& authenticate);
  Task<Reply> on(const imap::Login& login);
  Task<Reply> on(const imap::Enable&);
  Task<Reply> on(const imap::Select& select);
  Task<Reply> on(const imap::Create& create);
  Task<Reply> on(const imap::Delete& remove);
  Task<Reply> on(const imap::Rename& rename);
  Task<Reply> on(const imap::Subscribe& subscribe);
  Task<Reply> on(const imap::Unsubscribe& unsubscribe);
  Task<Reply> on(const imap::List& list);
  Task<Reply> on(const imap::Namespace&);
  Task<Reply> on(const imap::Status& status);
  Task<Reply> on(const imap::Idle&);
  Task<Reply> on(const imap::Check&);
  Task<Reply> on(const imap::Close&);
  Task<Reply> on(const imap::Unselect&);
  Task<Reply> on(const imap::Expunge& expunge);
  Task<Reply> on(const imap::Search& search);
  Task<Reply> on(const imap::Fetch& fetch);
  Task<Reply> on(const imap::Store& store);
  Task<Reply> on(const imap::Copy& copy);

  // APPEND, whose message is read apart from its command: commands/append.cpp
  Task<> answerAppend(const imap::CommandReader& announced);
  Task<Reply> judge(const imap::Append& append);
  Task<std::optional<std::string>> readMessage(std::uint64_t size, MemoryShare& memory);
  Task<Reply> store(const imap::Append& append, const std::string& message);

  // Logging in: commands/authenticate.cpp
  bool mayLogIn() const;
  bool isExempt() const;
  std::string capabilities() const;
  class AuthenticateDialogue;
  Task<Reply> conclude(login::Outcome outcome, std::string_view mechanism);
  Reply welcome(const login::Identity& identity, std::string_view mechanism);

  // The selected mailbox: commands/select.cpp, changes.cpp
  void unselect();
  Task<store::Uid> takeRecent(store::MailboxId mailbox, store::Uid below);
  /// The messages that a command names; nothing if it names a number that no message has.
  std::optional<Positions> positions(const imap::SequenceSet& set, bool byUid) const;
  /// Reads what has happened and tells the client as far as it may be told. `own`: what it knows already.
  Task<> showChanges(bool mayExpunge, const OwnChange* own = nullptr);
  /// The same, but reads only if somebody said that there is something, and puts it off while the store cannot be
  /// asked.
  Task<> showNews(bool mayExpunge);
  Task<> advance(bool mayExpunge, const OwnChange* own);
  Task<> learnKeywords(const ViewPtr& view);
  /// Nothing named: the set of mailboxes.
  void committed(std::optional<store::MailboxId> mailbox, store::ModSeq modSeq);

  // Changes of messages, in slices: commands/{store,fetch,expunge,copy}.cpp
  Task<std::expected<store::Flags, Reply>> storableFlags(const imap::Flags& flags);
  Task<store::UidSet> markSeen(const Positions& positions);
  Task<store::UidSet> changeFlags(const Positions& positions, store::FlagChange change, store::Flags flags);
  Task<> expungeDeleted(const store::UidSet& among);
  Task<Reply> copyMessages(std::vector<store::Uid> uids, store::MailboxId target);
  Task<std::optional<Reply>> copySlice(store::UidSet slice, store::MailboxId target, store::Copied& copied);
  Task<Reply> moveMessages(std::vector<store::Uid> uids, store::MailboxId target);
  Task<std::optional<Reply>> moveSlice(store::UidSet slice, store::MailboxId target, store::Copied& moved);
  void tellMoved(const store::Copied& moved, store::MailboxId target);
  Task<> takeBack(std::vector<store::Copied> slices, store::MailboxId target);
  Task<bool> wasMoved(store::Copied doubtful, store::MailboxId target);

  net::LineStream stream_;
  Services& services_;
  const net::TlsContext* tls_;
  std::string id_;
  std::stop_token stop_;
  observe::Log log_;
  std::string remoteAddress_;

  Stage stage_ = Stage::notAuthenticated;
  Farewell farewell_ = Farewell::hangup;
  bool done_ = false;
  bool tlsNext_ = false;                // STARTTLS was accepted: the handshake follows its OK
  bool idleNext_ = false;               // IDLE was accepted: the waiting follows
  std::optional<std::string> idleTag_;  // of the IDLE that waits, or will at once
  unsigned badCommands_ = 0;
  unsigned loginFailures_ = 0;
  std::size_t commandsBeforeLogin_ = 0;
  std::optional<login::Identity> identity_;
  std::optional<Watch> watch_;              // from login on
  std::optional<login::OpenSession> open_;  // the same
  std::optional<SelectedMailbox> selected_;
  KnownStructure knownStructure_;  // of a message of selected_
  SlicePace pace_{services_.loop};
  ViewPtr known_;  // the newest view of the selected mailbox that was seen: the client may know less
};

}  // namespace posthouse::imapd
