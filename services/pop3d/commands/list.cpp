// LIST, RFC 1939 §5.
#include <fmt/format.h>

#include "listing.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::List& list) {
  if (list.message) {
    if (const auto refused = refusal(*list.message)) co_return *refused;
    co_return Reply::data(
        fmt::format("{} {}", static_cast<std::uint32_t>(*list.message), maildrop_->octets(*list.message)));
  }
  auto size = [this](pop3::MessageNumber message) { return std::to_string(maildrop_->octets(message)); };
  co_return Answer(
      Reply::ok("{0} {0:message|messages} ({1} {1:octet|octets})", maildrop_->count(), maildrop_->octets()),
      std::make_unique<Listing>(*maildrop_, size));
}

}  // namespace posthouse::pop3d
