// STAT, RFC 1939 §5.
#include <fmt/format.h>

#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Stat&) {
  co_return Reply::data(fmt::format("{} {}", maildrop_->count(), maildrop_->octets()));
}

}  // namespace posthouse::pop3d
