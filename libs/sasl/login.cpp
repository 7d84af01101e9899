// LOGIN, draft-murchison-sasl-login-00.
#include "sasl/login.h"

#include "base/utf8.h"

namespace posthouse::sasl {
namespace {

bool isText(std::string_view octets) {
  return !octets.empty() && !octets.contains('\0') && utf8::isValid(octets);
}

}  // namespace

Step Login::next(std::optional<std::string_view> response) {
  if (!response) return Challenge{"Username:"};
  if (name_) return finish(*response);
  if (!isText(*response)) return Malformed{"not a name"};
  name_ = *response;
  return Challenge{"Password:"};
}

Step Login::finish(std::string_view password) {
  if (!isText(password)) return Malformed{"not a password"};
  return Credentials{.authorizationIdentity = {}, .authenticationIdentity = *name_, .password = std::string(password)};
}

}  // namespace posthouse::sasl
