// STLS, RFC 2595 §4, RFC 6856 §2.1.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Stls&) {
  if (stream_.bytes().isSecure()) co_return Reply::error("TLS is active already");
  if (!tls_) co_return Reply::error("TLS is not offered here");
  if (isUtf8_) co_return Reply::error("Nothing follows UTF8 but a login: STLS comes before it");
  // What came behind STLS came in the clear, perhaps from somebody between us: it must not be taken for the client's
  // words.
  if (stream_.hasBufferedInput()) {
    end_ = End::refused;
    co_return Reply::error("Nothing may follow STLS before its reply");
  }
  user_.clear();
  startTls_ = true;
  co_return Reply::ok("Begin TLS negotiation now");
}

}  // namespace posthouse::pop3d
