#include "account_admin.h"

#include <nlohmann/json.hpp>

namespace posthouse::mailctl {

std::unique_ptr<admin::AccountAdmin::Stub> accountAdmin(Context& context) {
  return admin::AccountAdmin::NewStub(context.channel("accountd"));
}

nlohmann::json asJson(const admin::Domain& domain) {
  return {{"name", domain.name()}, {"users", domain.users()}, {"aliases", domain.aliases()}};
}

nlohmann::json asJson(const admin::User& user) {
  return {{"address", user.address()},
          {"account_id", user.account_id()},
          {"enabled", user.enabled()},
          {"created_at", user.created_at()},
          {"quota", asJson(user.quota())}};
}

nlohmann::json asJson(const admin::Alias& alias) {
  return {{"address", alias.address()},
          {"members", std::vector<std::string>(alias.members().begin(), alias.members().end())}};
}

nlohmann::json asJson(const admin::Quota& quota) {
  return {{"address", quota.address()},
          {"limit_bytes", quota.limit_bytes()},
          {"used_bytes", quota.used_bytes()},
          {"used_messages", quota.used_messages()}};
}

}  // namespace posthouse::mailctl
