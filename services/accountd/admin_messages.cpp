#include "admin_messages.h"

#include <chrono>

namespace posthouse::accountd {

void tell(const store::Domain& domain, mail::admin::v1::Domain& message) {
  message.set_name(domain.name);
  message.set_users(domain.users);
  message.set_aliases(domain.aliases);
}

void tell(const store::Account& account, mail::admin::v1::User& message) {
  message.set_account_id(static_cast<std::int64_t>(account.id));
  message.set_address(account.address);
  message.set_enabled(account.enabled);
  message.set_created_at(std::chrono::floor<std::chrono::seconds>(account.createdAt).time_since_epoch().count());
  tell(account, *message.mutable_quota());
}

void tell(const store::Account& account, mail::admin::v1::Quota& message) {
  message.set_address(account.address);
  message.set_limit_bytes(account.quota.limitBytes);
  message.set_used_bytes(account.quota.usedBytes);
  message.set_used_messages(account.quota.usedMessages);
}

void tell(const store::Alias& alias, mail::admin::v1::Alias& message) {
  message.set_address(alias.address);
  message.mutable_members()->Assign(alias.members.begin(), alias.members.end());
}

NewUser asked(const mail::admin::v1::AddUserRequest& request) {
  return {request.address(), request.password(), request.quota_bytes(), request.password_hash()};
}

}  // namespace posthouse::accountd
