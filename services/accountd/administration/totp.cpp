#include "administration/totp.h"
#include "administration/find_user.h"

#include <fmt/format.h>

#include <utility>

#include "base/base32.h"
#include "base/percent.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "logins/totp_secret.h"
#include "logins/typed_secret.h"
#include "store/totp_repository.h"

namespace posthouse::accountd {
namespace {

/// As authenticators read it (the Key URI Format that Google Authenticator began): the domain issues it.
std::string keyUri(const Address& address, std::string_view secret) {
  const std::string issuer = percentEncoded(address.domain);
  return fmt::format("otpauth://totp/{0}:{1}?secret={2}&issuer={0}&algorithm=SHA1&digits=6&period=30", issuer,
                     percentEncoded(address.text()), secret);
}

/// Makes new ones and stores them.
RecoveryCodes renewedCodes(store::TotpRepository codes, const store::Account& account) {
  RecoveryCodes made{.address = account.address, .codes = {}};
  std::vector<std::string> digests;
  while (digests.size() < TotpOffice::kRecoveryCodes) {
    const std::string code = makeTypedSecret(kRecoveryCodeSize);
    digests.push_back(digestOf(kRecoveryCode, static_cast<std::int64_t>(account.id), code));
    made.codes.push_back(inGroups(code));
  }
  codes.setRecoveryCodes(account.id, digests);
  return made;
}

std::unexpected<Refusal> notEnrolled(const Address& address) {
  return notFound(address.text() + " has no TOTP; begin with: mailctl user totp enroll " + address.text());
}

}  // namespace

Task<Answer<TotpEnrolment>> TotpOffice::enroll(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (keys_.empty())
    co_return std::unexpected(Refusal{Refusal::Kind::limit,
                                      "there is no key to seal the secret with: set accountd.sealing_keys, to what "
                                      "`openssl rand -base64 32` prints, and start accountd again"});
  std::string secret = crypto::randomOctets(kTotpSecret);
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<TotpEnrolment> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    if (!store::TotpRepository(transaction).enroll(account->id, sealTotp(keys_, secret, account->address)))
      return std::unexpected(Refusal{
          Refusal::Kind::exists,
          address->text() + " has TOTP; for a new secret begin with: mailctl user totp off " + address->text()});
    const std::string shown = base32::encode(secret);
    return TotpEnrolment{account->address, shown, keyUri(*address, shown)};
  };
  Answer<TotpEnrolment> answer =
      co_await ledger_.change(actOnUser("user.totp.enroll", *address, Act::Right::self), job);
  crypto::wipe(secret);
  co_return answer;
}

Task<Answer<RecoveryCodes>> TotpOffice::confirm(std::string text, std::string code) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<RecoveryCodes> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    store::TotpRepository codes(transaction);
    const std::optional<store::Totp> totp = codes.find(account->id);
    if (!totp) return notEnrolled(*address);
    if (totp->inForce)
      return std::unexpected(Refusal{Refusal::Kind::exists, "the TOTP of " + address->text() + " is in force already"});
    const auto proof = proveTotp(keys_, *totp, account->address, code, clock_());
    if (!proof || !codes.takeStep(account->id, proof->step, proof->sealed))
      return invalid("this is not the code of now; if the authenticator shows it, one of the two clocks is wrong");
    codes.putInForce(account->id);
    return renewedCodes(codes, *account);
  };
  co_return co_await ledger_.change(actOnUser("user.totp.confirm", *address, Act::Right::self), job);
}

Task<Answer<TotpStatus>> TotpOffice::status(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) -> Answer<TotpStatus> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    store::TotpRepository codes(transaction);
    const std::optional<store::Totp> totp = codes.find(account->id);
    return TotpStatus{.address = account->address,
                      .isEnrolled = totp.has_value(),
                      .isInForce = totp && totp->inForce,
                      .refusesCodes = totp && totp->wrongCodes >= kMostWrongCodes,
                      .recoveryCodes = codes.recoveryCodes(account->id)};
  };
  co_return co_await ledger_.read(actOnUser("user.totp.show", *address, Act::Right::self), job);
}

Task<Answer<RecoveryCodes>> TotpOffice::makeRecoveryCodes(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<RecoveryCodes> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    store::TotpRepository codes(transaction);
    const std::optional<store::Totp> totp = codes.find(account->id);
    if (!totp || !totp->inForce) return notEnrolled(*address);
    return renewedCodes(codes, *account);
  };
  co_return co_await ledger_.change(actOnUser("user.totp.recovery-codes", *address, Act::Right::self), job);
}

Task<Answer<std::string>> TotpOffice::remove(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<std::string> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    if (!store::TotpRepository(transaction).remove(account->id)) return notEnrolled(*address);
    return address->text();
  };
  co_return co_await ledger_.change(actOnUser("user.totp.off", *address, Act::Right::self), job);
}

}  // namespace posthouse::accountd
