// RSET, RFC 1939 §5.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Rset&) {
  maildrop_->unmarkDeleted();
  co_return Reply::ok("Maildrop has " + maildrop_->summary());
}

}  // namespace posthouse::pop3d
