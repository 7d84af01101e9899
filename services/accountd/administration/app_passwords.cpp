#include "administration/app_passwords.h"
#include "administration/find_user.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "crypto/secret.h"
#include "logins/protocols.h"
#include "logins/scram_text.h"
#include "logins/typed_secret.h"
#include "net/address.h"

namespace posthouse::accountd {
namespace {

/// Where a password of its own is of use. Not the web: there it would be a way around the second factor.

constexpr std::size_t kMaxLabel = 100;  // octets
constexpr std::size_t kMaxNetworks = 50;
constexpr std::chrono::days kMaxLifetime{36'500};

std::optional<Refusal> unfit(const NewAppPassword& wanted) {
  const auto refusal = [](std::string text) { return Refusal{Refusal::Kind::invalid, std::move(text)}; };
  if (wanted.label.empty()) return refusal("an app password needs a label, such as the program that it is for");
  if (wanted.label.size() > kMaxLabel) return refusal("the label is longer than 100 octets");
  if (!utf8::isValid(wanted.label) || std::ranges::any_of(wanted.label, ascii::isControl))
    return refusal("the label holds what is no character");
  for (const std::string& protocol : wanted.protocols)
    if (std::ranges::find(kMailProtocols, protocol) == kMailProtocols.end())
      return refusal("\"" + protocol + "\" is none of imap, pop3, submission and managesieve");
  if (wanted.networks.size() > kMaxNetworks) return refusal("more than 50 networks");
  for (const std::string& network : wanted.networks)
    if (!net::Network::parse(network) || network.contains(' '))
      return refusal("\"" + network + "\" is not a network like 192.0.2.0/24 or 2001:db8::/32");
  if (wanted.lifetime.count() < 0 || wanted.lifetime > kMaxLifetime)
    return refusal("a lifetime is between 0, which is for ever, and 36500 days");
  return std::nullopt;
}

/// Those that were named, each once, in our order.
std::vector<std::string> protocolsOf(const NewAppPassword& wanted) {
  if (wanted.protocols.empty()) return {kMailProtocols.begin(), kMailProtocols.end()};
  std::vector<std::string> protocols;
  for (const std::string_view protocol : kMailProtocols)
    if (std::ranges::find(wanted.protocols, protocol) != wanted.protocols.end()) protocols.emplace_back(protocol);
  return protocols;
}

std::optional<Refusal> objection(const std::vector<store::AppPassword>& others, const std::string& label,
                                 const Address& address) {
  if (std::ranges::find(others, label, &store::AppPassword::label) != others.end())
    return Refusal{Refusal::Kind::exists,
                   address.text() + " has an app password \"" + label + "\"; remove it, or choose another label"};
  if (others.size() >= AppPasswordOffice::kMost)
    return Refusal{Refusal::Kind::limit, address.text() +
                                             " has 100 app passwords, and may have no more; see: mailctl "
                                             "user app-password list " +
                                             address.text()};
  return std::nullopt;
}

void note(const store::AppPassword& made, std::chrono::seconds lifetime, Details& details) {
  details.note("label", made.label);
  details.note("protocols", made.protocols);
  if (!made.networks.empty()) details.note("networks", made.networks);
  if (lifetime.count() > 0) details.note("lifetime_seconds", std::int64_t{lifetime.count()});
}

}  // namespace

Task<Answer<MadeAppPassword>> AppPasswordOffice::add(NewAppPassword wanted) {
  const Answer<Address> address = readAddress(wanted.address);
  if (!address) co_return std::unexpected(address.error());
  if (const auto reason = unfit(wanted)) co_return std::unexpected(*reason);
  const Act act = actOnUser("user.app-password.add", *address, Act::Right::self);
  // Asked first, so that what is refused costs no keys.
  const auto ask = [&](db::Transaction& transaction, const Principal&) -> Answer<std::string> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    store::AppPasswordRepository passwords(transaction);
    if (const auto reason = objection(passwords.list(account->id), wanted.label, *address))
      return std::unexpected(*reason);
    return passwords.scram(account->id);
  };
  const Answer<std::string> kept = co_await ledger_.read(act, ask);
  if (!kept) co_return std::unexpected(kept.error());

  // A challenge of SCRAM has one salt for whatever password the client has: that which the account shows already.
  std::string like = *kept;
  if (like.empty())
    like = decoyScramText(co_await credentials_.sharedSecret(kScramDecoy), address->text(), scramIterations_);
  std::string secret = makeTypedSecret(kAppPasswordSize);
  std::vector<std::string> spellings{inGroups(secret), secret};  // SCRAM does not forgive a missing hyphen
  MadeAppPassword made{.address = address->text(), .appPassword = {}, .password = spellings.front()};
  made.appPassword.label = wanted.label;
  made.appPassword.protocols = protocolsOf(wanted);
  made.appPassword.networks = wanted.networks;
  made.appPassword.createdAt = clock_();
  if (wanted.lifetime.count() > 0) made.appPassword.expiresAt = made.appPassword.createdAt + wanted.lifetime;
  const std::string scram = co_await workers_.deriveScram(std::move(spellings), std::move(like));

  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<MadeAppPassword> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    store::AppPasswordRepository passwords(transaction);
    if (!store::haveOneSalt(passwords.holdScram(account->id), scram))
      return std::unexpected(
          Refusal{Refusal::Kind::inUse, address->text() + " got a new password just now; try again"});
    if (const auto reason = objection(passwords.list(account->id), wanted.label, *address))
      return std::unexpected(*reason);
    const std::string digest = digestOf(kAppPassword, static_cast<std::int64_t>(account->id), secret);
    passwords.add(account->id, made.appPassword, {digest, scram});
    note(made.appPassword, wanted.lifetime, details);
    return made;
  };
  Answer<MadeAppPassword> answer = co_await ledger_.change(act, job);
  crypto::wipe(secret);
  crypto::wipe(made.password);
  co_return answer;
}

Task<Answer<AppPasswordList>> AppPasswordOffice::list(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) -> Answer<AppPasswordList> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    return AppPasswordList{account->address, store::AppPasswordRepository(transaction).list(account->id)};
  };
  co_return co_await ledger_.read(actOnUser("user.app-password.list", *address, Act::Right::self), job);
}

Task<Answer<std::string>> AppPasswordOffice::remove(std::string text, std::string label) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<std::string> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    if (!store::AppPasswordRepository(transaction).remove(account->id, label))
      return notFound(address->text() + " has no app password \"" + label + "\"");
    details.note("label", label);
    return address->text();
  };
  co_return co_await ledger_.change(actOnUser("user.app-password.remove", *address, Act::Right::self), job);
}

}  // namespace posthouse::accountd
