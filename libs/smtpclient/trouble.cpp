#include "smtpclient/trouble.h"

#include <fmt/format.h>

#include "net/connect.h"
#include "net/line_stream.h"
#include "net/patience.h"

namespace posthouse::smtpclient {
namespace {

const char* describe(Phase phase) {
  switch (phase) {
    case Phase::connect:
      return "connecting";
    case Phase::greeting:
      return "waiting for the greeting";
    case Phase::hello:
      return "saying hello";
    case Phase::tls:
      return "starting TLS";
    case Phase::mail:
      return "sending MAIL";
    case Phase::rcpt:
      return "sending RCPT";
    case Phase::data:
      return "sending the message";
    case Phase::end:
      return "waiting for the reply to the message";
  }
  return "talking";
}

Outcome notNow(std::string_view status, const char* what, Phase phase) {
  return {smtp::Reply(451, fmt::format("{} {}: {}", status, describe(phase), what)), phase, false};
}

}  // namespace

Outcome outcomeOf(std::exception_ptr failure, Phase phase) try {
  std::rethrow_exception(std::move(failure));
} catch (const GoingAway& goingAway) {
  return {goingAway.reply, phase, true};
} catch (const net::Interrupted& interrupted) {
  return notNow(interrupted.why == net::Interrupt::timeout ? "4.4.2" : "4.3.2", interrupted.what(), phase);
} catch (const net::ConnectFailed& failed) {
  return notNow("4.4.1", failed.what(), phase);
} catch (const net::ConnectionLost& lost) {
  return notNow("4.4.2", lost.what(), phase);
} catch (const net::LineTooLong& tooLong) {
  return notNow("4.5.0", tooLong.what(), phase);
} catch (const NotSmtp& notSmtp) {
  return notNow("4.5.0", notSmtp.what(), phase);
}

}  // namespace posthouse::smtpclient
