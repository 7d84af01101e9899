// CAPABILITY, NOOP, LOGOUT (RFC 3501 §6.1), ID (RFC 2971), ENABLE (RFC 5161), NAMESPACE (RFC 2342).
#include <fmt/format.h>

#include <algorithm>

#include "session.h"

namespace posthouse::imapd {

/// What the client may use now; more after TLS and after login.
std::string Session::capabilities() const {
  std::string list = "IMAP4rev1 LITERAL+ ID ENABLE";
  if (identity_) return list + " IDLE NAMESPACE SPECIAL-USE CHILDREN UIDPLUS MOVE UNSELECT";
  list += " SASL-IR";
  if (tls_) list += " STARTTLS";
  if (!mayLogIn()) return list + " LOGINDISABLED";
  for (const std::string& mechanism : services_.authenticator.mechanisms(login::traitsOf(stream_.bytes()))) {
    list += fmt::format(" AUTH={}", mechanism);
  }
  return list;
}

Task<imap::Reply> Session::on(const imap::Capability&) {
  say(fmt::format("CAPABILITY {}", capabilities()));
  co_return Reply::ok("CAPABILITY completed");
}

Task<imap::Reply> Session::on(const imap::Noop&) {
  if (selected_) co_await showChanges(true);
  co_return Reply::ok("NOOP completed");
}

Task<imap::Reply> Session::on(const imap::Logout&) {
  bye("Logging out", Farewell::logout);
  selected_.reset();
  co_return Reply::ok("LOGOUT completed");
}

Task<imap::Reply> Session::on(const imap::Id& id) {
  const auto name =
      std::find_if(id.parameters.begin(), id.parameters.end(), [](const auto& field) { return field.first == "name"; });
  if (name != id.parameters.end()) log_.debug("imap.client", "The client says what it is", {{"name", name->second}});
  say(R"(ID ("name" "Posthouse"))");
  co_return Reply::ok("ID completed");
}

/// Nothing that is offered needs to be enabled.
Task<imap::Reply> Session::on(const imap::Enable&) {
  say("ENABLED");
  co_return Reply::ok("ENABLE completed");
}

Task<imap::Reply> Session::on(const imap::Namespace&) {
  say(R"(NAMESPACE (("" "/")) NIL NIL)");
  co_return Reply::ok("NAMESPACE completed");
}

}  // namespace posthouse::imapd
