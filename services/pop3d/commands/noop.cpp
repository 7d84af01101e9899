// NOOP, RFC 1939 §5.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Noop&) {
  co_return Reply::ok();
}

}  // namespace posthouse::pop3d
