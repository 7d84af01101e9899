#include "logins/authenticator.h"

#include <optional>
#include <utility>

#include "crypto/random.h"
#include "directory/address.h"
#include "directory/prepare.h"
#include "logins/second_factors.h"

namespace posthouse::accountd {

Authenticator::Authenticator(Credentials& credentials, PasswordWorkers& workers, VerifiedPasswords& verified,
                             SecondFactors& factors, PasswordPolicy policy, ExternalPasswords* external)
    : credentials_(credentials),
      workers_(workers),
      verified_(verified),
      factors_(factors),
      policy_(policy),
      nobodysHash_(crypto::hashPassword(crypto::randomToken(), policy.cost)),
      external_(external) {}

Task<Outcome> Authenticator::authenticate(Attempt attempt) {
  const std::string password = preparePassword(attempt.password);
  const std::optional<Address> name = parseAddress(attempt.authenticationIdentity);
  std::optional<Credential> credential;
  if (name) credential = co_await credentials_.find(name->text());
  const std::optional<AppPassword> appPassword =
      co_await factors_.appPassword(credential ? credential->account : 0, attempt.password, attempt.connection);
  const bool hasNone = !appPassword && (!credential || credential->phc.empty());
  const bool isElsewhere = name && external_ != nullptr && external_->serves(name->domain);
  if (hasNone && isElsewhere) co_return co_await authenticateElsewhere(std::move(attempt), password, *name);
  if (hasNone) {
    co_await workers_.verify(password, nobodysHash_);
    co_return Outcome{.claimedName = std::move(attempt.authenticationIdentity)};
  }

  Outcome outcome;
  bool isRight = appPassword.has_value();
  if (!isRight) isRight = co_await matches(attempt.password, password, *credential);
  if (!isRight) {
    if (isElsewhere) co_await external_->pretend(*name, password);
    outcome.result = Outcome::Result::badPassword;
  } else if (!credential->enabled) {
    outcome.result = Outcome::Result::disabled;
  } else if (!attempt.authorizationIdentity.empty() && parseAddress(attempt.authorizationIdentity) != name) {
    outcome.result = Outcome::Result::notAuthorized;
  } else if (appPassword) {
    outcome = {.result = Outcome::Result::ok, .account = credential->account, .address = credential->address};
    if (!attempt.isTrial) factors_.used(*appPassword, attempt.connection);
  } else {
    outcome = co_await secondFactor(attempt, *credential);
  }
  outcome.claimedName = std::move(attempt.authenticationIdentity);
  co_return outcome;
}

/// What the right password comes to.
Task<Outcome> Authenticator::secondFactor(const Attempt& attempt, const Credential& credential) {
  const Outcome welcome{.result = Outcome::Result::ok, .account = credential.account, .address = credential.address};
  const auto objection = objectionToPassword(credential, attempt.connection.protocol);
  if (!objection) co_return welcome;
  if (*objection != Outcome::Result::needsCode) co_return Outcome{.result = *objection};
  if (!credential.totpInForce)
    co_return Outcome{.result = *objection,
                      .text =
                          "two factors are required here, and this account makes no one-time codes yet; the "
                          "administrator can help"};
  if (attempt.oneTimeCode.empty()) co_return Outcome{.result = *objection};
  const bool taken = co_await factors_.takeCode(credential, attempt.oneTimeCode);
  co_return taken ? welcome : Outcome{.result = Outcome::Result::badCode};
}

/// A failure takes what one here and one elsewhere take together, so that nobody can tell where a name is.
Task<Outcome> Authenticator::authenticateElsewhere(Attempt attempt, std::string password, Address name) {
  Outcome outcome = co_await external_->authenticate(name, password);
  const bool isKnown = outcome.result != Outcome::Result::badPassword && outcome.result != Outcome::Result::noSuchUser;
  if (!isKnown) co_await workers_.verify(password, nobodysHash_);
  const bool isOther = !attempt.authorizationIdentity.empty() && parseAddress(attempt.authorizationIdentity) != name;
  if (outcome.result == Outcome::Result::ok && isOther) outcome = {.result = Outcome::Result::notAuthorized};
  if (outcome.result == Outcome::Result::ok) {
    const std::optional<Credential> credential = co_await credentials_.find(outcome.address);
    if (credential) outcome = co_await secondFactor(attempt, *credential);
    outcome.saidElsewhere = true;
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
  Secrets fresh = co_await workers_.derive(password, policy_, credential.appPasswordScram);
  verified_.remember(password, fresh.phc);
  co_await credentials_.replace(credential.address, credential.phc, std::move(fresh));
}

}  // namespace posthouse::accountd
