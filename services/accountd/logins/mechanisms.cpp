#include "logins/mechanisms.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace posthouse::accountd {
namespace {

bool isFor(const Mechanism& mechanism, const Connection& connection) {
  const sasl::Mechanism& properties = mechanism.properties();
  return (!properties.needsTls || connection.isTls) &&
         (!properties.needsClientCertificate || connection.clientCertificate) && mechanism.serves(connection.protocol);
}

}  // namespace

Task<Outcome> Mechanisms::exchange(std::string name, std::optional<std::string> initialResponse, Connection connection,
                                   Conversation& conversation) {
  const auto offered = std::ranges::find_if(
      offered_, [&](const auto& one) { return ascii::equalsIgnoringCase(one->properties().name, name); });
  if (offered == offered_.end() || !isFor(**offered, connection)) {
    co_return Outcome{.result = Outcome::Result::noSuchMechanism};
  }
  co_return co_await (*offered)->exchange(std::move(initialResponse), std::move(connection), conversation);
}

}  // namespace posthouse::accountd
