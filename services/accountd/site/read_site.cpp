#include "site/read_site.h"

#include <utility>

namespace posthouse::accountd {
namespace {

std::string mark(const store::Account& account) {
  return account.address;
}
std::string mark(const store::Group& group) {
  return group.account.address;
}
std::string mark(const store::Alias& alias) {
  return alias.address;
}
std::string mark(const SendAs& sendAs) {
  return sendAs.address;
}

/// Every entry of a listing; a Refusal, or nothing.
template <class Ask, class Take>
Task<std::optional<Refusal>> forAll(Ask ask, Take take) {
  std::string after;
  while (true) {
    auto page = co_await ask(after);
    if (!page) co_return page.error();
    for (auto& entry : *page) {
      after = mark(entry);
      take(entry);
    }
    if (page->size() < Administration::kPage) co_return std::nullopt;
  }
}

Names namesOf(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

DomainChange asWanted(const store::DomainSettings& settings) {
  return {.catchAll = settings.catchAll,
          .separators = settings.separators,
          .defaultQuotaBytes = settings.defaultQuotaBytes,
          .maxUsers = settings.maxUsers,
          .maxAliases = settings.maxAliases,
          .twoFactorsRequired = settings.twoFactorsRequired};
}

}  // namespace

Task<Answer<Site>> readSite(Administration& administration) {
  Site site;
  const auto domains = co_await administration.domains();
  if (!domains) co_return std::unexpected(domains.error());
  for (const store::Domain& domain : *domains) site.domains.emplace(domain.name, asWanted(domain.settings));

  auto refusal = co_await forAll([&](const std::string& after) { return administration.users("", after); },
                                 [&](const store::Account& user) {
                                   site.users.emplace(user.address, SiteUser{.enabled = user.enabled,
                                                                             .quotaBytes = user.quota.limitBytes,
                                                                             .sendAs = Names{},
                                                                             .administers = Names{},
                                                                             .messages = user.quota.usedMessages,
                                                                             .isExternal = !user.directory.empty()});
                                 });
  if (refusal) co_return std::unexpected(*refusal);
  refusal = co_await forAll([&](const std::string& after) { return administration.sendAsGrants("", after); },
                            [&](const SendAs& sendAs) {
                              const auto user = site.users.find(sendAs.address);
                              if (user != site.users.end()) user->second.sendAs = namesOf(sendAs.granted);
                            });
  if (refusal) co_return std::unexpected(*refusal);
  for (const auto kind : {store::AccountKind::group, store::AccountKind::shared}) {
    refusal = co_await forAll([&](const std::string& after) { return administration.groups(kind, "", after); },
                              [&](const store::Group& group) {
                                site.groups.emplace(group.account.address,
                                                    SiteGroup{.kind = kind,
                                                              .members = namesOf(group.members),
                                                              .membersOnly = group.account.membersOnly,
                                                              .quotaBytes = group.account.quota.limitBytes,
                                                              .messages = group.account.quota.usedMessages});
                              });
    if (refusal) co_return std::unexpected(*refusal);
  }
  refusal =
      co_await forAll([&](const std::string& after) { return administration.aliases("", after); },
                      [&](const store::Alias& alias) { site.aliases.emplace(alias.address, namesOf(alias.members)); });
  if (refusal) co_return std::unexpected(*refusal);

  // Who administers what is shown to administrators of everything only.
  const auto administrators = co_await administration.administrators();
  if (!administrators && administrators.error().kind == Refusal::Kind::forbidden) {
    for (auto& [address, user] : site.users) user.administers.reset();
    co_return site;
  }
  if (!administrators) co_return std::unexpected(administrators.error());
  for (const store::Administrator& one : *administrators) {
    const auto user = site.users.find(one.address);
    if (user != site.users.end()) user->second.administers->insert(one.domain);
  }
  co_return site;
}

}  // namespace posthouse::accountd
