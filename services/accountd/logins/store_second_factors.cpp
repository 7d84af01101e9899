#include "logins/store_second_factors.h"

#include <algorithm>
#include <utility>

#include "crypto/secret.h"
#include "logins/totp_secret.h"
#include "logins/typed_secret.h"
#include "net/address.h"
#include "store/app_password_repository.h"
#include "store/totp_repository.h"

namespace posthouse::accountd {
namespace {

bool isFor(const store::LoginAppPassword& password, const Connection& connection) {
  if (std::ranges::find(password.protocols, connection.protocol) == password.protocols.end()) return false;
  if (password.networks.empty()) return true;
  const net::Address client{connection.remoteAddress, 0, {}};
  return std::ranges::any_of(password.networks, [&](const std::string& text) {
    const auto network = net::Network::parse(text);
    return network && network->contains(client);
  });
}

AppPassword asProved(store::LoginAppPassword password) {
  return {.id = static_cast<std::int64_t>(password.id), .scram = std::move(password.scram)};
}

}  // namespace

Task<std::optional<AppPassword>> StoreSecondFactors::appPassword(std::int64_t account, std::string_view typed,
                                                                 const Connection& connection) {
  std::optional<std::string> secret = readTypedSecret(typed, kAppPasswordSize);
  if (!secret) co_return std::nullopt;
  const std::string digest = digestOf(kAppPassword, account, *secret);
  crypto::wipe(*secret);
  const auto job = [&](db::Transaction& transaction) {
    return store::AppPasswordRepository(transaction).find(store::AccountId{account}, digest);
  };
  auto found = co_await database_.single(job, db::Repeat::harmless);
  if (!found || !isFor(*found, connection)) co_return std::nullopt;
  co_return asProved(*std::move(found));
}

Task<std::vector<AppPassword>> StoreSecondFactors::appPasswords(std::int64_t account, const Connection& connection) {
  const auto job = [&](db::Transaction& transaction) {
    return store::AppPasswordRepository(transaction).usable(store::AccountId{account});
  };
  auto stored = co_await database_.single(job, db::Repeat::harmless);
  std::vector<AppPassword> passwords;
  for (store::LoginAppPassword& one : stored)
    if (isFor(one, connection)) passwords.push_back(asProved(std::move(one)));
  co_return passwords;
}

void StoreSecondFactors::used(const AppPassword& password, const Connection& connection) {
  uses_.note(store::AppPasswordId{password.id}, connection);
}

Task<bool> StoreSecondFactors::takeCode(const Credential& credential, std::string code) {
  const store::AccountId account{credential.account};
  if (const auto recovery = readTypedSecret(code, kRecoveryCodeSize)) {
    const auto take = [&,
                       digest = digestOf(kRecoveryCode, credential.account, *recovery)](db::Transaction& transaction) {
      return store::TotpRepository(transaction).takeRecoveryCode(account, digest);
    };
    co_return co_await database_.transact(take);
  }
  enum class Verdict { right, wrong, lastWrong };
  // Guesses at several instances are judged one after the other, so that each is counted.
  const auto job = [&](db::Transaction& transaction) {
    store::TotpRepository codes(transaction);
    const std::optional<store::Totp> totp = codes.hold(account, kMostWrongCodes);
    if (!totp || !totp->inForce) return Verdict::wrong;
    const auto proof = proveTotp(keys_, *totp, credential.address, code, clock_());
    if (proof && codes.takeStep(account, proof->step, proof->sealed)) return Verdict::right;
    codes.countWrongCode(account);
    return totp->wrongCodes + 1 == kMostWrongCodes ? Verdict::lastWrong : Verdict::wrong;
  };
  const Verdict verdict = co_await database_.transact(job);
  if (verdict == Verdict::lastWrong)
    log_.warn("auth.codes_refused",
              "So many wrong one-time codes came in a row that none is taken any more: somebody knows the password. "
              "Have it changed (mailctl user passwd); a recovery code lets its owner in, and makes codes do again "
              "(mailctl user totp recovery-codes)",
              {{"login", credential.address}, {"wrong_codes", kMostWrongCodes}});
  co_return verdict == Verdict::right;
}

}  // namespace posthouse::accountd
