#include "account_admin.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace posthouse::mailctl {

void introduce(const Context& context, grpc::ClientContext& call) {
  call.AddMetadata("posthouse-operator", "local:" + std::to_string(getuid()));
  const std::string& actor = context.actor();
  if (actor.empty()) return;
  // Other metadata than "-bin" is printable ASCII.
  const bool isPrintable = std::ranges::all_of(actor, [](char c) { return c > ' ' && c < '\x7f'; });
  call.AddMetadata(isPrintable ? "posthouse-actor" : "posthouse-actor-bin", actor);
}

nlohmann::json asJson(const admin::Domain& domain) {
  return {{"name", domain.name()},
          {"users", domain.users()},
          {"aliases", domain.aliases()},
          {"catch_all", domain.catch_all()},
          {"separators", domain.separators()},
          {"default_quota_bytes", domain.default_quota_bytes()},
          {"max_users", domain.max_users()},
          {"max_aliases", domain.max_aliases()},
          {"two_factors_required", domain.two_factors_required()}};
}

nlohmann::json asJson(const admin::User& user) {
  return {{"address", user.address()},       {"account_id", user.account_id()}, {"enabled", user.enabled()},
          {"created_at", user.created_at()}, {"directory", user.directory()},   {"quota", asJson(user.quota())}};
}

nlohmann::json asJson(const admin::Group& group) {
  nlohmann::json json = {{"address", group.address()},
                         {"account_id", group.account_id()},
                         {"kind", group.kind() == admin::Group::KIND_SHARED ? "shared" : "group"},
                         {"members", std::vector<std::string>(group.members().begin(), group.members().end())},
                         {"created_at", group.created_at()}};
  if (group.kind() == admin::Group::KIND_SHARED) {
    json["quota"] = asJson(group.quota());
  } else {
    json["senders"] = group.members_only() ? "members" : "anyone";
  }
  return json;
}

nlohmann::json asJson(const admin::Administrator& administrator) {
  return {{"address", administrator.address()},
          {"domain", administrator.domain().empty() ? nlohmann::json() : nlohmann::json(administrator.domain())}};
}

nlohmann::json asJson(const admin::SendAs& sendAs) {
  return {{"address", sendAs.address()},
          {"granted", std::vector<std::string>(sendAs.granted().begin(), sendAs.granted().end())}};
}

nlohmann::json asJson(const admin::AuditEntry& entry) {
  return {{"id", entry.id()},
          {"at", entry.at()},
          {"actor", entry.actor().empty() ? nlohmann::json() : nlohmann::json(entry.actor())},
          {"peer", entry.peer()},
          {"action", entry.action()},
          {"object", entry.object()},
          {"details", nlohmann::json::parse(entry.details(), nullptr, /*allow_exceptions=*/false)}};
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
