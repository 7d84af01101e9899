#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "sizes.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::AccountAdmin::Stub;

void show(Context& context, const admin::Quota& quota) {
  const std::string percent =
      quota.limit_bytes() == 0 ? "-" : fmt::format("{} %", 100 * quota.used_bytes() / quota.limit_bytes());
  context.output().table({"ADDRESS", "USED", "QUOTA", "FULL", "MESSAGES"},
                         {{quota.address(), humanBytes(quota.used_bytes()), showQuota(quota.limit_bytes()), percent,
                           std::to_string(quota.used_messages())}},
                         asJson(quota));
}

ExitCode get(Context& context, const Arguments& arguments) {
  admin::GetQuotaRequest request;
  request.set_address(arguments.positional[0]);
  show(context, ask<admin::Quota>(context, &Stub::GetQuota, request));
  return ExitCode::done;
}

ExitCode set(Context& context, const Arguments& arguments) {
  admin::SetQuotaRequest request;
  request.set_address(arguments.positional[0]);
  request.set_limit_bytes(parseQuota(arguments.positional[1]));
  show(context, ask<admin::Quota>(context, &Stub::SetQuota, request));
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> quotaVerbs() {
  return {
      {"quota", "get", "ADDRESS", 1, 1, {}, "How much mail a user may hold and holds", "", get},
      {"quota", "set", "ADDRESS SIZE", 2, 2, {}, "Let a user hold this much: 500MiB, 1GiB, unlimited", "", set},
  };
}

}  // namespace posthouse::mailctl
