// mailctl auth test: a login step by step.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "administration/refusals.h"
#include "defence/defence_office.h"
#include "defence/guard.h"
#include "logins/protocols.h"
#include "outcome_texts.h"
#include "store/account_repository.h"

namespace posthouse::accountd {
namespace {

using Step = LoginTrial::Step;
using Verdict = LoginTrial::Verdict;

/// "argon2id" of "$argon2id$…", "SSHA" of "{SSHA}…".
std::string schemeOf(std::string_view stored) {
  const char end = stored.starts_with('{') ? '}' : '$';
  const std::size_t length = stored.find(end, 1);
  return length == std::string_view::npos ? "an old kind" : std::string(stored.substr(1, length - 1));
}

Step describe(const store::Account& account, const std::optional<Credential>& credential) {
  std::vector<std::string> has;
  const bool isElsewhere = !account.directory.empty();
  if (isElsewhere) has.push_back("a password that is kept by " + account.directory);
  if (credential && !credential->phc.empty()) {
    has.push_back(fmt::format("a password ({})", schemeOf(credential->phc)));
    has.emplace_back(credential->scram.empty() ? "no keys for SCRAM (the next login by password makes them)"
                                               : "keys for SCRAM");
  }
  if (credential && !credential->appPasswordScram.empty()) has.emplace_back("app passwords");
  if (credential && credential->totpInForce) has.emplace_back("one-time codes");
  if (has.empty())
    return {"credentials", Verdict::note, "no password is set; set one with: mailctl user passwd " + account.address};
  return {"credentials", Verdict::ok, fmt::format("{}", fmt::join(has, ", "))};
}

Step describe(const Outcome& outcome, const std::string& protocol) {
  switch (outcome.result) {
    case Outcome::Result::ok:
      return {"password", Verdict::ok, "is right"};
    case Outcome::Result::disabled:
      return {"password", Verdict::note, "is right, but the user is disabled"};
    case Outcome::Result::badPassword:
    case Outcome::Result::noSuchUser:
      return {"password", Verdict::failed, "is wrong, or not for " + protocol};
    case Outcome::Result::needsAppPassword:
      return {"password", Verdict::failed,
              fmt::format("is right, but {} takes app passwords only here: mailctl user app-password add", protocol)};
    case Outcome::Result::needsCode:
      return {"password", Verdict::failed, "is right, and wants a one-time code beside it"};
    default:
      return {"password", Verdict::failed, fmt::format("is not accepted ({})", label(outcome.result))};
  }
}

Step describe(const Mechanisms& mechanisms, const std::string& protocol) {
  std::vector<std::string> names;
  for (const auto& offered : mechanisms.offered())
    if (offered->serves(protocol))
      names.push_back(
          fmt::format("{}{}", offered->properties().name, offered->properties().needsTls ? " (with TLS)" : ""));
  return {"mechanisms", names.empty() ? Verdict::failed : Verdict::ok, fmt::format("{}", fmt::join(names, ", "))};
}

}  // namespace

Task<Answer<LoginTrial>> DefenceOffice::test(std::string text, std::string password, Connection connection) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  if (!connection.remoteAddress.empty() && !Origin::of(connection.remoteAddress))
    co_return invalid(connection.remoteAddress + " is not an IP address");
  if (connection.protocol.empty()) connection.protocol = "imap";
  if (connection.protocol != kWeb && std::ranges::find(kMailProtocols, connection.protocol) == kMailProtocols.end())
    co_return invalid(fmt::format("nobody logs in by \"{}\", but by {} or {}", connection.protocol,
                                  fmt::join(kMailProtocols, ", "), kWeb));
  const auto ask = [&](db::Transaction& transaction, const Principal& actor) -> Answer<store::Account> {
    if (!store::DomainRepository(transaction).exists(address->domain)) return noSuchDomain(address->domain);
    auto account = store::AccountRepository(transaction).find(address->text());
    if (!account) return noSuchUser(address->text());
    // Nothing counts these guesses: a right one would be a way to the account's powers.
    if (actor.isOutranked(transaction, account->address))
      return forbidden(account->address + " administers more than " + actor.address() +
                       ", who may not try out its passwords");
    return *std::move(account);
  };
  const Act act = actOn("auth.test", *address, noSuchUser(address->text()));
  const Answer<store::Account> account = co_await ledger_.read(act, ask);
  if (!account) co_return std::unexpected(account.error());

  LoginTrial test;
  if (account->kind != store::AccountKind::individual) {
    test.steps.push_back(
        {"account", Verdict::failed, account->address + " is a group or a shared mailbox, as which nobody logs in"});
    co_return test;
  }
  test.steps.push_back({"account", account->enabled ? Verdict::ok : Verdict::failed,
                        account->address + (account->enabled ? " is enabled" : " is disabled")});
  test.steps.push_back(describe(*account, co_await credentials_.find(address->text())));
  const Outcome outcome = co_await authenticator_.authenticate({.authorizationIdentity = {},
                                                                .authenticationIdentity = address->text(),
                                                                .password = std::move(password),
                                                                .connection = connection,
                                                                .isTrial = true});
  test.steps.push_back(describe(outcome, connection.protocol));
  test.steps.push_back(describe(mechanisms_, connection.protocol));
  test.steps.push_back(co_await testDefence(address->text(), std::move(connection.remoteAddress)));
  test.succeeds = outcome.result == Outcome::Result::ok && test.steps.back().verdict != Verdict::failed;
  co_return test;
}

Task<LoginTrial::Step> DefenceOffice::testDefence(std::string address, std::string remoteAddress) {
  const std::string name = "defence";
  if (!defence_.rules().isOn) co_return Step{name, Verdict::note, "is off (accountd.defence)"};
  if (!remoteAddress.empty() && defence_.isExempt(remoteAddress))
    co_return Step{name, Verdict::note, remoteAddress + " is exempt from delays and bans"};
  co_await makeReady(defence_, credentials_);
  const std::int64_t hash = defence_.nameOf(address);
  const std::optional<Origin> origin = Origin::of(remoteAddress);
  const Origin* from = origin ? &*origin : nullptr;
  const Ban* ban = defence_.bans().find(from, hash);
  const std::string reason = ban == nullptr ? "" : ban->reason;
  if (co_await defence_.isBanned(from, hash))
    co_return Step{
        name, Verdict::failed,
        fmt::format("a ban keeps it out ({}); see: mailctl auth list", reason.empty() ? "no reason given" : reason)};
  const Standing standing = co_await defence_.standing(from, hash);
  const Delay delay = delayFor(standing, defence_.rules());
  if (delay.cause != Cause::none)
    co_return Step{name, Verdict::note, fmt::format("it would wait for {} ms because of failures", delay.wait.count())};
  co_return Step{name, Verdict::ok,
                 standing.isKnownHere ? "it logged in from there lately" : "nothing is held against it"};
}

}  // namespace posthouse::accountd
