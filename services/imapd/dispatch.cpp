// Which commands are allowed when (RFC 3501 §3, §6), and what a failure is called (RFC 5530).
#include <fmt/format.h>

#include <type_traits>

#include "db/errors.h"
#include "mailbox_replies.h"
#include "session.h"

namespace posthouse::imapd {
namespace {

template <class Command, class... Others>
constexpr bool isOneOf = (std::is_same_v<Command, Others> || ...);

template <class Command>
constexpr bool kAnyTime = isOneOf<Command, imap::Capability, imap::Noop, imap::Logout, imap::Id>;
template <class Command>
constexpr bool kBeforeLogin = isOneOf<Command, imap::StartTls, imap::Authenticate, imap::Login>;
template <class Command>
constexpr bool kSelected = isOneOf<Command, imap::Check, imap::Close, imap::Unselect, imap::Expunge, imap::Search,
                                   imap::Fetch, imap::Store, imap::Copy>;

/// What may be given by who may read alone; whatever else there is may change something.
template <class Command>
constexpr bool kReads =
    kAnyTime<Command> || isOneOf<Command, imap::Enable, imap::Select, imap::List, imap::Namespace, imap::Status,
                                 imap::Idle, imap::Check, imap::Close, imap::Unselect, imap::Search, imap::Fetch>;

/// EXPUNGE responses would move the numbers under these (RFC 3501 §7.4.1).
template <class Command>
bool keepsNumbers(const Command& command) {
  if constexpr (isOneOf<Command, imap::Fetch, imap::Store, imap::Search>) return !command.byUid;
  return false;
}

}  // namespace

template <class Command>
std::optional<imap::Reply> Session::refusal() const {
  if (kAnyTime<Command>) return std::nullopt;
  if (kBeforeLogin<Command>) return identity_ ? std::optional(Reply::bad("You are logged in already")) : std::nullopt;
  if (!identity_) return Reply::bad("Log in first");
  if (kSelected<Command> && !selected_) return Reply::bad("Select a mailbox first");
  if (!kReads<Command> && identity_->readOnly) return mayOnlyRead();
  return std::nullopt;
}

/// Runs a handler; what it throws becomes its reply, but for what ends the session.
Task<imap::Reply> Session::guarded(std::function<Task<Reply>()> handler) {
  std::optional<Reply> failure;
  try {
    co_return co_await handler();
  } catch (const net::Interrupted&) {
    throw;
  } catch (const net::ConnectionLost&) {
    throw;
  } catch (const net::LineTooLong&) {
    throw;
  } catch (const db::Unavailable& error) {
    failure = Reply::no("UNAVAILABLE", "The mail store cannot be reached, try again later");
    log_.warn("imap.unavailable", error.what());
  } catch (const db::Busy&) {
    failure = Reply::no("INUSE", "The account is busy, try again");
  } catch (const db::CommitUnknown& error) {
    failure = failed(error, "The connection to the mail store broke; the command may have been done or not");
  } catch (const std::exception& error) {
    failure = failed(error, "Internal error");
  }
  co_return *failure;
}

imap::Reply Session::failed(const std::exception& error, std::string_view what) {
  log_.error("imap.error", what, {{"error", error.what()}});
  return Reply::no("SERVERBUG", fmt::format("{}, session {}", what, id_));
}

Task<imap::Reply> Session::execute(const imap::Command& command) {
  return std::visit([this](const auto& typed) { return guarded([this, &typed] { return perform(typed); }); }, command);
}

template <class Command>
Task<imap::Reply> Session::perform(const Command& command) {
  if (auto refused = refusal<Command>()) co_return *std::move(refused);
  Reply reply = co_await on(command);
  if (selected_) co_await showNews(!keepsNumbers(command));
  co_return reply;
}

}  // namespace posthouse::imapd
