// UTF8, RFC 6856 §2.1.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Utf8&) {
  isUtf8_ = true;
  co_return Reply::ok("UTF-8 mode is on");
}

}  // namespace posthouse::pop3d
