#include "kerberos/holder_outcome.h"

#include <utility>

#include "kerberos/principal_name.h"

namespace posthouse::accountd {

Outcome outcomeFor(const std::optional<PrincipalHolder>& holder) {
  if (!holder) return {.result = Outcome::Result::noSuchUser, .detail = "no account has this principal"};
  if (!holder->enabled) return {.result = Outcome::Result::disabled};
  return {.result = Outcome::Result::ok, .account = holder->account, .address = holder->address};
}

std::string printable(std::string principal) {
  return isPrincipalName(principal) ? std::move(principal) : "(a name that cannot be shown)";
}

}  // namespace posthouse::accountd
