#include "mechanisms/cram_md5.h"

#include <chrono>
#include <utility>

#include "crypto/random.h"
#include "sasl/cram_md5.h"
#include "sasl/timestamp.h"

namespace posthouse::accountd {

Task<Outcome> CramMd5::exchange(std::optional<std::string> initialResponse, Connection connection,
                                Conversation& conversation) {
  // The server speaks first (RFC 4422 §5).
  if (initialResponse)
    co_return Outcome{.result = Outcome::Result::malformed, .text = "CRAM-MD5 begins with a challenge"};
  const std::string challenge = sasl::timestamp(crypto::randomToken(), std::chrono::system_clock::now(), hostname_);
  auto response = sasl::parseCramMd5(co_await conversation.ask(challenge));
  if (!response)
    co_return Outcome{.result = Outcome::Result::malformed, .text = "CRAM-MD5: " + response.error().reason};
  co_await conversation.claims(response->name, std::nullopt);
  const auto proves = [&](std::string_view secret) { return sasl::verifyCramMd5(challenge, *response, secret); };
  co_return co_await secrets_.judge(SharedSecretKind::cramMd5, response->name, std::move(connection.protocol), proves);
}

}  // namespace posthouse::accountd
