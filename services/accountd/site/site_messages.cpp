#include "site/site_messages.h"

#include <utility>

#include "administration/refusals.h"

namespace posthouse::accountd {
namespace {

namespace admin = mail::admin::v1;

constexpr std::string_view kEverything = "*";

Answer<std::string> storedAddress(const std::string& text) {
  const Answer<Address> address = readAddress(text);
  if (!address) return std::unexpected(address.error());
  return address->text();
}

Answer<std::string> storedSender(const std::string& text) {
  if (!text.starts_with('@')) return storedAddress(text);
  const Answer<std::string> domain = readDomain(std::string_view(text).substr(1));
  if (!domain) return std::unexpected(domain.error());
  return '@' + *domain;
}

Answer<std::string> storedRealm(const std::string& text) {
  if (text == kEverything) return std::string();
  return readDomain(text);
}

template <class Read>
Answer<Names> read(const admin::SiteNames& message, Read each) {
  Names names;
  for (const std::string& text : message.names()) {
    Answer<std::string> name = each(text);
    if (!name) return std::unexpected(name.error());
    names.insert(*std::move(name));
  }
  return names;
}

template <class Map, class Value>
std::optional<Refusal> put(Map& map, const std::string& name, Value value) {
  if (map.emplace(name, std::move(value)).second) return std::nullopt;
  return Refusal{Refusal::Kind::invalid, name + " stands there twice"};
}

std::optional<Refusal> take(const admin::SiteDomain& message, Site& site) {
  const Answer<std::string> name = readDomain(message.name());
  if (!name) return name.error();
  DomainChange domain;
  if (message.has_catch_all()) {
    const Answer<std::string> catchAll =
        message.catch_all().empty() ? Answer<std::string>() : storedAddress(message.catch_all());
    if (!catchAll) return catchAll.error();
    domain.catchAll = *catchAll;
  }
  if (message.has_separators()) domain.separators = message.separators();
  if (message.has_default_quota_bytes()) domain.defaultQuotaBytes = message.default_quota_bytes();
  if (message.has_max_users()) domain.maxUsers = message.max_users();
  if (message.has_max_aliases()) domain.maxAliases = message.max_aliases();
  if (message.has_two_factors_required()) domain.twoFactorsRequired = message.two_factors_required();
  return put(site.domains, *name, std::move(domain));
}

std::optional<Refusal> take(const admin::SiteUser& message, Site& site) {
  const Answer<std::string> address = storedAddress(message.address());
  if (!address) return address.error();
  SiteUser user{.password = message.password(), .passwordHash = message.password_hash()};
  if (message.has_enabled()) user.enabled = message.enabled();
  if (message.has_quota_bytes()) user.quotaBytes = message.quota_bytes();
  if (message.has_send_as()) {
    auto senders = read(message.send_as(), storedSender);
    if (!senders) return senders.error();
    user.sendAs = *std::move(senders);
  }
  if (message.has_administers()) {
    auto domains = read(message.administers(), storedRealm);
    if (!domains) return domains.error();
    user.administers = *std::move(domains);
  }
  return put(site.users, *address, std::move(user));
}

std::optional<Refusal> take(const admin::SiteGroup& message, Site& site) {
  const Answer<std::string> address = storedAddress(message.address());
  if (!address) return address.error();
  SiteGroup group{.kind = message.shared() ? store::AccountKind::shared : store::AccountKind::group};
  if (message.has_members_only()) group.membersOnly = message.members_only();
  if (message.has_quota_bytes()) group.quotaBytes = message.quota_bytes();
  if (message.has_members()) {
    auto members = read(message.members(), storedAddress);
    if (!members) return members.error();
    if (members->empty()) return Refusal{Refusal::Kind::invalid, *address + " needs at least one member"};
    group.members = *std::move(members);
  }
  return put(site.groups, *address, std::move(group));
}

std::optional<Refusal> take(const admin::SiteAlias& message, Site& site) {
  const Answer<std::string> address = storedAddress(message.address());
  if (!address) return address.error();
  auto members = read(message.members(), storedAddress);
  if (!members) return members.error();
  if (members->empty()) return Refusal{Refusal::Kind::invalid, *address + " needs at least one member"};
  return put(site.aliases, *address, *std::move(members));
}

std::optional<Refusal> takeAny(const admin::SiteEntry& entry, Site& site) {
  switch (entry.entry_case()) {
    case admin::SiteEntry::kDomain:
      return take(entry.domain(), site);
    case admin::SiteEntry::kUser:
      return take(entry.user(), site);
    case admin::SiteEntry::kGroup:
      return take(entry.group(), site);
    case admin::SiteEntry::kAlias:
      return take(entry.alias(), site);
    case admin::SiteEntry::ENTRY_NOT_SET:
      break;
  }
  return Refusal{Refusal::Kind::invalid, "an entry of a kind that this server does not know"};
}

/// An address can be one thing only.
std::optional<Refusal> ambiguity(const admin::SiteEntry& entry, const Site& site) {
  const std::string& text = entry.has_user()    ? entry.user().address()
                            : entry.has_group() ? entry.group().address()
                                                : entry.alias().address();
  if (entry.has_domain()) return std::nullopt;
  const Answer<std::string> address = storedAddress(text);
  if (!address) return std::nullopt;
  const auto times = site.users.count(*address) + site.groups.count(*address) + site.aliases.count(*address);
  if (times < 2) return std::nullopt;
  return Refusal{Refusal::Kind::invalid, *address + " stands there as two things: a user, a group or an alias"};
}

void tell(const Names& names, admin::SiteNames& message) {
  for (const std::string& name : names) message.add_names(name.empty() ? std::string(kEverything) : name);
}

}  // namespace

std::optional<Refusal> take(const admin::SiteEntry& entry, Site& site) {
  std::optional<Refusal> refusal = takeAny(entry, site);
  if (!refusal) refusal = ambiguity(entry, site);
  if (refusal && !entry.place().empty()) refusal->text = entry.place() + ": " + refusal->text;
  return refusal;
}

std::vector<admin::SiteEntry> entriesOf(const Site& site) {
  std::vector<admin::SiteEntry> entries;
  for (const auto& [name, domain] : site.domains) {
    admin::SiteDomain& message = *entries.emplace_back().mutable_domain();
    message.set_name(name);
    message.set_catch_all(domain.catchAll.value_or(""));
    message.set_separators(domain.separators.value_or(""));
    message.set_default_quota_bytes(domain.defaultQuotaBytes.value_or(0));
    message.set_max_users(domain.maxUsers.value_or(0));
    message.set_max_aliases(domain.maxAliases.value_or(0));
    message.set_two_factors_required(domain.twoFactorsRequired.value_or(false));
  }
  for (const auto& [address, user] : site.users) {
    if (user.isExternal) continue;
    admin::SiteUser& message = *entries.emplace_back().mutable_user();
    message.set_address(address);
    message.set_enabled(user.enabled.value_or(true));
    message.set_quota_bytes(user.quotaBytes.value_or(0));
    if (user.sendAs) tell(*user.sendAs, *message.mutable_send_as());
    if (user.administers) tell(*user.administers, *message.mutable_administers());
  }
  for (const auto& [address, group] : site.groups) {
    admin::SiteGroup& message = *entries.emplace_back().mutable_group();
    message.set_address(address);
    message.set_shared(group.kind == store::AccountKind::shared);
    tell(group.members.value_or(Names{}), *message.mutable_members());
    if (message.shared()) {
      message.set_quota_bytes(group.quotaBytes.value_or(0));
    } else {
      message.set_members_only(group.membersOnly.value_or(false));
    }
  }
  for (const auto& [address, members] : site.aliases) {
    admin::SiteAlias& message = *entries.emplace_back().mutable_alias();
    message.set_address(address);
    tell(members, *message.mutable_members());
  }
  return entries;
}

}  // namespace posthouse::accountd
