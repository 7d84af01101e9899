// STARTTLS, RFC 3207 §4.
#include "session.h"

namespace posthouse::smtpd {

using smtp::Reply;

namespace {

constexpr std::chrono::seconds kHandshakeTimeout{60};

}  // namespace

bool Session::offersStartTls() const {
  return environment_.offersTls && listener_.socket.tls == daemon::ListenerConfig::Tls::starttls &&
         client_.tlsVersion.empty() && !client_.identity;
}

Task<Reply> Session::on(const smtp::StartTls&) {
  if (!client_.tlsVersion.empty()) co_return Reply(503, "5.5.1 TLS is on already");
  // A login in the clear must not last into TLS (§4.2): somebody between us could have slipped in theirs.
  if (client_.identity) co_return Reply(503, "5.5.1 TLS comes before logging in");
  if (!offersStartTls()) co_return Reply(502, "5.5.1 No TLS here");
  // What was sent along came in the clear and must not pass for a command inside TLS (§4.2, CVE-2011-0411).
  if (stream_.hasBufferedInput()) co_return Reply(503, "5.5.1 Nothing may follow STARTTLS before its reply");
  startTlsNext_ = true;
  co_return Reply(220, "2.0.0 Go ahead");
}

/// After the reply has been said. Both sides forget what they heard in the clear (§4.2).
Task<> Session::startTls() {
  startTlsNext_ = false;
  co_await flush(kWriteTimeout);
  co_await stream_.startTls(environment_.tls(listener_.socket), {kHandshakeTimeout, stop_});
  client_.tlsVersion = stream_.bytes().tlsVersion();
  client_.tlsCipher = stream_.bytes().tlsCipher();
  client_.greeting.clear();
  client_.isExtended = false;
  transaction_.reset();
}

}  // namespace posthouse::smtpd
