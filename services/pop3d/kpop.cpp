// KPOP: a Kerberos ticket before the greeting, as krb5_recvauth takes it (pop3/sendauth.h), and whose name then may be
// said.
#include "base/ascii.h"
#include "pop3/sendauth.h"
#include "session.h"

namespace posthouse::pop3d {

namespace sendauth = pop3::sendauth;
using pop3::Reply;

namespace {

constexpr std::string_view kMechanism = "KPOP";

/// An account's user says its address, or only the local part, as he does to Kerberos.
bool isNameOf(std::string_view address, std::string_view name) {
  return ascii::equalsIgnoringCase(name, address) ||
         ascii::equalsIgnoringCase(name, address.substr(0, address.rfind('@')));
}

}  // namespace

/// False if nothing more is to be said to the client.
Task<bool> Session::takeTicket() {
  // One for all that the client says: an octet now and then gains it nothing.
  const net::Deadline deadline({surroundings_.config.kpopTimeout, surroundings_.draining});
  const std::optional<std::string> version = co_await readMessage(sendauth::kMaxVersion, deadline);
  if (!version) co_return false;
  const std::optional<std::string> application = co_await readMessage(sendauth::kMaxVersion, deadline);
  if (!application) co_return false;
  const sendauth::Verdict verdict = sendauth::judge(*version, *application);
  stream_.write(sendauth::octetOf(verdict));
  co_await stream_.flush(deadline.left());
  if (verdict != sendauth::Verdict::good) co_return noKpop("a version of sendauth or of KPOP that is not ours");
  std::optional<std::string> request = co_await readMessage(sendauth::kMaxRequest, deadline);
  if (!request) co_return false;

  login::TicketAnswer answer = co_await surroundings_.authenticator.checkTicket(
      *std::move(request), login::connectionOf("pop3", stream_.bytes(), id_));
  if (answer.outcome) {
    ticket_ = *std::move(answer.outcome);
    open_.emplace(surroundings_.openSessions, *ticket_, login::OpenSession::Client{id_, stream_.bytes().peer().host},
                  kMechanism, stream_.bytes().isSecure());
    stream_.write(sendauth::message());
    if (!answer.reply.empty()) stream_.write(sendauth::message(answer.reply));
    co_return true;
  }
  if (answer.outcome.error().failure == login::Failure::noSuchMechanism)
    surroundings_.log.warn("pop3.kpop.unavailable",
                           "accountd takes no tickets for POP3: give accountd.keytab a key of pop/HOST and start "
                           "accountd again, or take this listener away",
                           {{"session_id", id_}});
  co_await conclude(std::unexpected(std::move(answer.outcome.error())), kMechanism);
  if (!answer.reply.empty()) {
    stream_.write(sendauth::message(answer.reply));
    co_await stream_.flush(surroundings_.config.kpopTimeout);
  }
  co_return false;
}

/// Nothing if the client does not speak KPOP.
Task<std::optional<std::string>> Session::readMessage(std::size_t most, const net::Deadline& deadline) {
  const std::string octets = co_await stream_.readOctets(sendauth::kLengthSize, deadline.left());
  const std::optional<std::size_t> length = sendauth::messageLength(octets, most);
  if (length) co_return co_await stream_.readOctets(*length, deadline.left());
  if (sendauth::looksLikeText(octets)) {
    stream_.write(Reply::errorSaying("Here a Kerberos ticket comes first (KPOP)").line());
    co_await stream_.flush(deadline.left());
  }
  noKpop("a message that is longer than any, or another protocol");
  co_return std::nullopt;
}

bool Session::noKpop(std::string_view what) {
  surroundings_.metrics.badCommands.Increment();
  surroundings_.log.info("pop3.kpop.refused", what, {{"session_id", id_}, {"remote", stream_.bytes().peer().host}});
  return false;
}

/// USER may only say whose ticket it was. The log has that, and not what was said: it may be a password.
Task<Answer> Session::claimTicket(const std::string& name) {
  user_.clear();
  if (!isNameOf(ticket_->address, name))
    co_return co_await conclude(
        std::unexpected(login::Denial{.failure = login::Failure::notAuthorized, .name = ticket_->address}), kMechanism);
  user_ = name;
  co_return Reply::ok("Send the password");
}

/// What PASS says does not matter: clients send "krb_ticket", or what they have.
Task<Answer> Session::useTicket() {
  co_return co_await conclude(*ticket_, kMechanism);
}

}  // namespace posthouse::pop3d
