#include "administration/admin_messages.h"

#include <chrono>

namespace posthouse::accountd {

void tell(const store::Domain& domain, mail::admin::v1::Domain& message) {
  message.set_name(domain.name);
  message.set_users(domain.users);
  message.set_aliases(domain.aliases);
  message.set_catch_all(domain.settings.catchAll);
  message.set_separators(domain.settings.separators);
  message.set_default_quota_bytes(domain.settings.defaultQuotaBytes);
  message.set_max_users(domain.settings.maxUsers);
  message.set_max_aliases(domain.settings.maxAliases);
  message.set_two_factors_required(domain.settings.twoFactorsRequired);
}

void tell(const store::Account& account, mail::admin::v1::User& message) {
  message.set_account_id(static_cast<std::int64_t>(account.id));
  message.set_address(account.address);
  message.set_enabled(account.enabled);
  message.set_directory(account.directory);
  message.set_created_at(std::chrono::floor<std::chrono::seconds>(account.createdAt).time_since_epoch().count());
  tell(account, *message.mutable_quota());
}

void tell(const store::Account& account, mail::admin::v1::Quota& message) {
  message.set_address(account.address);
  message.set_limit_bytes(account.quota.limitBytes);
  message.set_used_bytes(account.quota.usedBytes);
  message.set_used_messages(account.quota.usedMessages);
}

void tell(const store::Group& group, mail::admin::v1::Group& message) {
  const store::Account& account = group.account;
  message.set_kind(account.kind == store::AccountKind::shared ? mail::admin::v1::Group::KIND_SHARED
                                                              : mail::admin::v1::Group::KIND_GROUP);
  message.set_account_id(static_cast<std::int64_t>(account.id));
  message.set_address(account.address);
  message.set_members_only(account.membersOnly);
  message.mutable_members()->Assign(group.members.begin(), group.members.end());
  message.set_created_at(std::chrono::floor<std::chrono::seconds>(account.createdAt).time_since_epoch().count());
  if (account.kind == store::AccountKind::shared) tell(account, *message.mutable_quota());
}

void tell(const store::Administrator& administrator, mail::admin::v1::Administrator& message) {
  message.set_address(administrator.address);
  message.set_domain(administrator.domain);
}

void tell(const store::AuditEntry& entry, mail::admin::v1::AuditEntry& message) {
  message.set_id(entry.id);
  message.set_at(std::chrono::floor<std::chrono::seconds>(entry.at).time_since_epoch().count());
  message.set_actor(entry.actor);
  message.set_peer(entry.peer);
  message.set_action(entry.action);
  message.set_object(entry.object);
  message.set_details(entry.details);
}

void tell(const std::vector<store::Domain>& domains, mail::admin::v1::ListDomainsResponse& response) {
  for (const store::Domain& domain : domains) tell(domain, *response.add_domains());
}

void tell(const std::vector<store::Administrator>& administrators,
          mail::admin::v1::ListAdministratorsResponse& response) {
  for (const store::Administrator& administrator : administrators) tell(administrator, *response.add_administrators());
}

void tell(const SendAs& sendAs, mail::admin::v1::SendAs& message) {
  message.set_address(sendAs.address);
  message.mutable_granted()->Assign(sendAs.granted.begin(), sendAs.granted.end());
}

void tell(const store::Alias& alias, mail::admin::v1::Alias& message) {
  message.set_address(alias.address);
  message.mutable_members()->Assign(alias.members.begin(), alias.members.end());
}

NewUser asked(const mail::admin::v1::AddUserRequest& request) {
  NewUser user{.address = request.address(),
               .password = request.password(),
               .passwordHash = request.password_hash(),
               .withoutPassword = request.without_password()};
  if (request.has_quota_bytes()) user.quotaBytes = request.quota_bytes();
  return user;
}

}  // namespace posthouse::accountd
