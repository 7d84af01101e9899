// UIDL, RFC 1939 §7.
#include <fmt/format.h>

#include "listing.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Uidl& uidl) {
  if (uidl.message) {
    if (const auto refused = refusal(*uidl.message)) co_return *refused;
    co_return Reply::data(
        fmt::format("{} {}", static_cast<std::uint32_t>(*uidl.message), maildrop_->uniqueId(*uidl.message)));
  }
  auto id = [this](pop3::MessageNumber message) { return maildrop_->uniqueId(message); };
  co_return Answer(Reply::ok("Unique ids follow"), std::make_unique<Listing>(*maildrop_, id));
}

}  // namespace posthouse::pop3d
