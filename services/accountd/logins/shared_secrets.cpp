#include "logins/shared_secrets.h"

#include <utility>

#include "crypto/random.h"
#include "crypto/secret.h"
#include "directory/address.h"
#include "logins/second_factors.h"

namespace posthouse::accountd {

Task<Outcome> SharedSecrets::judge(SharedSecretKind kind, std::string name, std::string protocol, Proof proves) {
  const std::optional<Address> address = parseAddress(name);
  std::optional<store::SealedSecret> found;
  if (address) {
    const auto job = [&](db::Transaction& transaction) {
      return store::SharedSecretRepository(transaction).find(address->text(), toText(kind));
    };
    found = co_await database_.single(job, db::Repeat::harmless);
  }
  std::optional<std::string> secret;
  if (found) secret = open(*found, kind);
  const bool isKept = secret.has_value();
  if (!isKept) secret = crypto::randomToken();

  Outcome outcome{.result = found ? Outcome::Result::badPassword : Outcome::Result::noSuchUser};
  if (proves(*secret) && isKept) {
    outcome = co_await welcome(*found, address->text(), protocol);
    if (keys_.isOutdated(found->sealed)) co_await sealAgain(*found, kind, *secret);
  }
  crypto::wipe(*secret);
  outcome.claimedName = std::move(name);
  co_return outcome;
}

/// Whoever has proved to know the secret: it stands for the account's password, and lets in where that would.
Task<Outcome> SharedSecrets::welcome(const store::SealedSecret& found, const std::string& login,
                                     const std::string& protocol) {
  if (!found.enabled) co_return Outcome{.result = Outcome::Result::disabled};
  const std::optional<Credential> credential = co_await credentials_.find(login);
  if (!credential) co_return Outcome{.result = Outcome::Result::noSuchUser};  // removed meanwhile
  if (const auto objection = objectionToPassword(*credential, protocol)) co_return Outcome{.result = *objection};
  co_return Outcome{
      .result = Outcome::Result::ok, .account = static_cast<std::int64_t>(found.account), .address = found.address};
}

std::optional<std::string> SharedSecrets::open(const store::SealedSecret& found, SharedSecretKind kind) const {
  if (found.sealed.empty()) return std::nullopt;
  std::optional<std::string> secret =
      keys_.open(found.sealed, sealingContext(kind, static_cast<std::int64_t>(found.account)));
  if (!secret)
    log_.error("auth.secret.sealed",
               "None of accountd.sealing_keys opens a stored secret: put back the key that sealed it, or set it anew",
               {{"login", found.address}, {"kind", toText(kind)}});
  return secret;
}

Task<> SharedSecrets::sealAgain(const store::SealedSecret& found, SharedSecretKind kind, const std::string& secret) {
  const std::string fresh = keys_.seal(secret, sealingContext(kind, static_cast<std::int64_t>(found.account)));
  const auto job = [&](db::Transaction& transaction) {
    store::SharedSecretRepository(transaction).replace(found.account, toText(kind), found.sealed, fresh);
  };
  co_await database_.transact(job, db::Repeat::harmless);
}

}  // namespace posthouse::accountd
