// The negotiation of a security layer, RFC 4752 §3.
#include "sasl/gssapi.h"

#include "base/utf8.h"

namespace posthouse::sasl {
namespace {

constexpr char kNoSecurityLayer = 1;
constexpr std::size_t kHeader = 4;  // octets: a bit mask, and a size in network order

}  // namespace

std::string gssapiOffer() {
  return {kNoSecurityLayer, 0, 0, 0};
}

/// One layer, the size of what the client receives in it, and the authorization identity without a NUL behind it.
std::expected<GssapiChoice, Malformed> parseGssapiChoice(std::string_view message) {
  if (message.size() < kHeader || message.size() > GssapiChoice::kMaxSize)
    return std::unexpected(Malformed{"not a choice of a security layer"});
  if (message[0] != kNoSecurityLayer)
    return std::unexpected(Malformed{"a security layer was chosen that is not offered"});
  if (message.substr(1, kHeader - 1) != std::string_view("\0\0\0", kHeader - 1))
    return std::unexpected(Malformed{"a size of messages without a security layer"});
  const std::string_view identity = message.substr(kHeader);
  if (identity.contains('\0') || !utf8::isValid(identity))
    return std::unexpected(Malformed{"not an authorization identity"});
  return GssapiChoice{std::string(identity)};
}

}  // namespace posthouse::sasl
