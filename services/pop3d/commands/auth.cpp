// AUTH, RFC 5034 §4.
#include <fmt/format.h>

#include "base/base64.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<std::expected<sasl::Credentials, Reply>> Session::exchange(sasl::Exchange& mechanism,
                                                                std::optional<std::string> encoded) {
  while (true) {
    std::optional<std::string> response;
    if (encoded) {
      response = base64::decode(*encoded);
      if (!response) co_return std::unexpected(Reply::error("That is not base 64"));
    }
    const sasl::Step step = mechanism.next(response);
    if (const auto* credentials = std::get_if<sasl::Credentials>(&step)) co_return *credentials;
    if (const auto* malformed = std::get_if<sasl::Malformed>(&step)) {
      co_return std::unexpected(Reply::error(malformed->reason));
    }
    stream_.write(pop3::challengeLine(std::get<sasl::Challenge>(step).octets));
    co_await flush();
    encoded = co_await stream_.readLine(surroundings_.config.maxSaslLength, readPatience());
    if (!encoded) throw net::ConnectionLost("the client hung up in AUTH");
    if (*encoded == "*") co_return std::unexpected(Reply::error("Cancelled"));
  }
}

Task<Answer> Session::on(const pop3::Auth& auth) {
  if (!mayLogIn()) co_return askForTls();
  const std::unique_ptr<sasl::Exchange> mechanism = sasl::begin(auth.mechanism);
  if (!mechanism) co_return Reply::error("No such mechanism");
  std::optional<std::string> initial = auth.initialResponse;
  if (initial == "=") initial = "";  // one that is empty
  auto credentials = co_await exchange(*mechanism, std::move(initial));
  if (!credentials) {
    surroundings_.metrics.logins.count(auth.mechanism, daemon::LoginMetrics::Result::error);
    co_return credentials.error();
  }
  co_return co_await logIn(std::move(*credentials), auth.mechanism);
}

Task<Answer> Session::on(const pop3::ListMechanisms&) {
  if (!mayLogIn()) co_return askForTls();
  std::string mechanisms;
  for (const std::string_view name : sasl::mechanisms()) mechanisms += fmt::format("{}\r\n", name);
  co_return Answer(Reply::ok("Mechanisms follow"), std::make_unique<ShortBody>(mechanisms + ".\r\n"));
}

}  // namespace posthouse::pop3d
