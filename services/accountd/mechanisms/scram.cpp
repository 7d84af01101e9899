#include "mechanisms/scram.h"

#include <ranges>
#include <utility>

#include "crypto/random.h"
#include "directory/address.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kNonce = 18;  // octets

/// The client does not speak the mechanism, or somebody has meddled with what was announced to it.
Outcome refused(sasl::ScramError error, std::string name) {
  return {.result = error == sasl::ScramError::invalidProof ? Outcome::Result::badPassword : Outcome::Result::malformed,
          .claimedName = std::move(name),
          .text = "SCRAM: " + std::string(toString(error))};
}

/// The keys of the mechanism's hash; nothing if the account has none that can be used.
std::optional<sasl::ScramKeys> keysOf(const Credential& credential, crypto::Hash hash) {
  for (const auto text : std::views::split(std::string_view(credential.scram), ' ')) {
    auto keys = sasl::parseScramKeys(std::string_view(text));
    if (keys && keys->hash == hash) return *std::move(keys);
  }
  return std::nullopt;
}

/// What a proven client may be told.
Outcome judge(const Credential& credential, const std::optional<Address>& name,
              const std::string& authorizationIdentity) {
  Outcome outcome;
  if (!credential.enabled) {
    outcome.result = Outcome::Result::disabled;
  } else if (!authorizationIdentity.empty() && parseAddress(authorizationIdentity) != name) {
    outcome.result = Outcome::Result::notAuthorized;
  } else {
    outcome = {.result = Outcome::Result::ok, .account = credential.account, .address = credential.address};
  }
  return outcome;
}

}  // namespace

Scram::Scram(std::string_view name, Credentials& credentials, std::uint32_t iterations, bool offersPlus)
    : Mechanism(name),
      mechanism_(*sasl::scramMechanism(name)),
      credentials_(credentials),
      iterations_(iterations),
      offersPlus_(offersPlus) {}

Task<Outcome> Scram::exchange(std::optional<std::string> initialResponse, Connection connection,
                              Conversation& conversation) {
  if (!initialResponse) initialResponse = co_await conversation.ask({});
  if (!offersPlus_) connection.channelBindings.clear();
  const sasl::ScramContext context{
      .plus = mechanism_.plus,
      .plusOffered = connection.isTls && !connection.channelBindings.empty(),
      .channelBindings = {connection.channelBindings.begin(), connection.channelBindings.end()}};
  auto start = sasl::beginScram(*initialResponse, context);
  if (!start) co_return refused(start.error(), {});
  std::string claimed = start->username();
  const std::string authorizationIdentity = start->authorizationIdentity();

  const std::optional<Address> name = parseAddress(claimed);
  std::optional<Credential> credential;
  if (name) credential = co_await credentials_.find(name->text());
  std::optional<sasl::ScramKeys> keys;
  if (credential) keys = keysOf(*credential, mechanism_.hash);
  const bool isSomebody = keys.has_value();
  if (!isSomebody) keys = co_await decoyOf(name ? name->text() : claimed);

  const auto challenge = sasl::challengeScram(*std::move(start), *std::move(keys), crypto::randomToken(kNonce));
  const auto proven = sasl::finishScram(challenge, co_await conversation.ask(challenge.message));
  if (!proven || !isSomebody) {
    Outcome outcome = refused(proven ? sasl::ScramError::invalidProof : proven.error(), std::move(claimed));
    if (outcome.result == Outcome::Result::badPassword && !credential) outcome.result = Outcome::Result::noSuchUser;
    co_return outcome;
  }
  Outcome outcome = judge(*credential, name, authorizationIdentity);
  outcome.claimedName = std::move(claimed);
  if (outcome.result == Outcome::Result::ok) co_await conversation.ask(*proven);
  co_return outcome;
}

/// Keys for a name that nobody has, so that it looks like one that somebody has.
Task<sasl::ScramKeys> Scram::decoyOf(std::string name) {
  if (decoy_.empty()) decoy_ = co_await credentials_.sharedSecret("scram decoy");
  co_return sasl::fakeScramKeys(mechanism_.hash, decoy_, name, iterations_);
}

}  // namespace posthouse::accountd
