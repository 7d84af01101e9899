// RSET, RFC 1939 §5.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Rset&) {
  maildrop_->unmarkDeleted();
  co_return Reply::ok("Maildrop has {0} {0:message|messages} ({1} {1:octet|octets})", maildrop_->count(),
                      maildrop_->octets());
}

}  // namespace posthouse::pop3d
