#include "mechanisms/scram.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "crypto/random.h"
#include "directory/address.h"
#include "logins/scram_text.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kNonce = 18;  // octets

/// The client does not speak the mechanism, or somebody has meddled with what was announced to it.
Outcome refused(sasl::ScramError error, std::string name) {
  return {.result = error == sasl::ScramError::invalidProof ? Outcome::Result::badPassword : Outcome::Result::malformed,
          .claimedName = std::move(name),
          .text = "SCRAM: " + std::string(toString(error))};
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

/// What the client may prove, the account's own password among it or not.
struct Scram::Candidates {
  std::vector<sasl::ScramKeys> keys;                     // one or more
  std::vector<std::optional<AppPassword>> appPasswords;  // as many: whose each is; nothing: the account's own
  bool isDecoy = false;                                  // whose keys nobody has: whatever is proven is refused
};

Scram::Scram(std::string_view name, Credentials& credentials, SecondFactors& factors, std::uint32_t iterations,
             bool offersPlus)
    : Mechanism(name),
      mechanism_(*sasl::scramMechanism(name)),
      credentials_(credentials),
      factors_(factors),
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

  co_await conversation.claims(claimed, std::nullopt);
  const std::optional<Address> name = parseAddress(claimed);
  std::optional<Credential> credential;
  if (name) credential = co_await credentials_.find(name->text());
  Candidates candidates = co_await candidatesFor(credential, name ? name->text() : claimed, connection);

  const auto challenge =
      sasl::challengeScram(*std::move(start), std::move(candidates.keys), crypto::randomToken(kNonce));
  const auto proven = sasl::finishScram(challenge, co_await conversation.ask(challenge.message));
  if (!proven || candidates.isDecoy) {
    Outcome outcome = refused(proven ? sasl::ScramError::invalidProof : proven.error(), std::move(claimed));
    if (outcome.result == Outcome::Result::badPassword && !credential) outcome.result = Outcome::Result::noSuchUser;
    co_return outcome;
  }
  Outcome outcome = judge(*credential, name, authorizationIdentity);
  const std::optional<AppPassword>& appPassword = candidates.appPasswords[proven->candidate];
  if (outcome.result == Outcome::Result::ok && !appPassword) {
    if (const auto objection = objectionToPassword(*credential, connection.protocol)) outcome = {.result = *objection};
  }
  outcome.claimedName = std::move(claimed);
  if (outcome.result != Outcome::Result::ok) co_return outcome;
  co_await conversation.ask(proven->message);
  if (appPassword) factors_.used(*appPassword, connection);
  co_return outcome;
}

/// Those of the account's keys that have one salt. Whoever has none, or is nobody, is shown one all the same.
Task<Scram::Candidates> Scram::candidatesFor(const std::optional<Credential>& credential, std::string name,
                                             const Connection& connection) {
  if (decoy_.empty()) decoy_ = co_await credentials_.sharedSecret(kScramDecoy);
  const std::vector<AppPassword> appPasswords =
      co_await factors_.appPasswords(credential ? credential->account : 0, connection);
  Candidates candidates;
  const auto add = [&](const sasl::ScramKeys& keys, const std::optional<AppPassword>& whose) {
    if (!candidates.keys.empty() && !sasl::haveOneSalt(keys, candidates.keys.front())) return;
    candidates.keys.push_back(keys);
    candidates.appPasswords.push_back(whose);
  };
  if (credential)
    for (const sasl::ScramKeys& keys : keysIn(credential->scram, mechanism_.hash)) add(keys, std::nullopt);
  for (const AppPassword& one : appPasswords)
    for (const sasl::ScramKeys& keys : keysIn(one.scram, mechanism_.hash)) add(keys, one);
  if (!candidates.keys.empty()) co_return candidates;

  candidates.isDecoy = true;
  candidates.keys.push_back(sasl::fakeScramKeys(mechanism_.hash, decoy_, name, iterations_));
  if (!credential) co_return candidates;
  // An account whose app passwords are for elsewhere shows everywhere the salt that they have.
  for (const sasl::ScramKeys& kept : keysIn(credential->appPasswordScram, mechanism_.hash)) {
    candidates.keys.front().salt = kept.salt;
    candidates.keys.front().iterations = kept.iterations;
  }
  co_return candidates;
}

}  // namespace posthouse::accountd
