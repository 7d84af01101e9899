#include "logins/authenticator.h"

#include <optional>
#include <utility>

#include "crypto/random.h"
#include "directory/address.h"
#include "directory/prepare.h"

namespace posthouse::accountd {

Authenticator::Authenticator(Credentials& credentials, PasswordWorkers& workers, VerifiedPasswords& verified,
                             PasswordPolicy policy)
    : credentials_(credentials),
      workers_(workers),
      verified_(verified),
      policy_(policy),
      nobodysHash_(crypto::hashPassword(crypto::randomToken(), policy.cost)) {}

Task<Outcome> Authenticator::authenticate(Attempt attempt) {
  const std::string password = preparePassword(attempt.password);
  const std::optional<Address> name = parseAddress(attempt.authenticationIdentity);
  std::optional<Credential> credential;
  if (name) credential = co_await credentials_.find(name->text());
  if (!credential || credential->phc.empty()) {
    co_await workers_.verify(password, nobodysHash_);
    co_return Outcome{.claimedName = std::move(attempt.authenticationIdentity)};
  }

  Outcome outcome;
  const bool right = co_await matches(attempt.password, password, *credential);
  if (!right) {
    outcome.result = Outcome::Result::badPassword;
  } else if (!credential->enabled) {
    outcome.result = Outcome::Result::disabled;
  } else if (!attempt.authorizationIdentity.empty() && parseAddress(attempt.authorizationIdentity) != name) {
    outcome.result = Outcome::Result::notAuthorized;
  } else {
    outcome = {.result = Outcome::Result::ok, .account = credential->account, .address = credential->address};
  }
  outcome.claimedName = std::move(attempt.authenticationIdentity);
  co_return outcome;
}

Task<bool> Authenticator::matches(const std::string& sent, const std::string& password, const Credential& credential) {
  if (verified_.knows(password, credential.phc)) co_return true;
  const bool isCurrent = !crypto::needsRehash(credential.phc, policy_.cost);
  bool right = co_await workers_.verify(password, credential.phc);
  // Another server hashed what its client sent, in whatever spelling.
  if (!right && !isCurrent && sent != password) right = co_await workers_.verify(sent, credential.phc);
  if (!right) {
    // Many servers' hashes are quick: without ours, too, they would tell the names that somebody has.
    if (!isCurrent) co_await workers_.verify(password, nobodysHash_);
    co_return false;
  }
  verified_.remember(password, credential.phc);
  const bool lacksKeys = policy_.scramIterations > 0 && credential.scram.empty();
  if (lacksKeys || !isCurrent) co_await renew(password, credential);
  co_return true;
}

/// The only moment at which the password is at hand to be stored by a policy that was configured since.
Task<> Authenticator::renew(const std::string& password, const Credential& credential) {
  Secrets fresh = co_await workers_.derive(password, policy_);
  verified_.remember(password, fresh.phc);
  co_await credentials_.replace(credential.address, credential.phc, std::move(fresh));
}

}  // namespace posthouse::accountd
