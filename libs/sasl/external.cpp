// EXTERNAL, RFC 4422 appendix A.
#include "sasl/external.h"

#include "base/utf8.h"

namespace posthouse::sasl {

/// authz-id-string = *( UTF8-char-no-nul )
std::expected<std::string, Malformed> parseExternal(std::string_view response) {
  if (response.size() > kMaxExternal || response.contains('\0') || !utf8::isValid(response))
    return std::unexpected(Malformed{"not an authorization identity"});
  return std::string(response);
}

}  // namespace posthouse::sasl
