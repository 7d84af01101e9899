#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "password_input.h"
#include "sizes.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::AccountAdmin::Stub;

const Option kPasswordStdin{"password-stdin", "",
                            "the password is the first line of standard input (it always is; a terminal asks for it)"};

ExitCode add(Context& context, const Arguments& arguments) {
  admin::AddUserRequest request;
  request.set_address(arguments.positional[0]);
  if (const auto quota = arguments.option("quota")) request.set_quota_bytes(parseQuota(*quota));
  request.set_without_password(arguments.has("no-password"));
  if (!request.without_password()) request.set_password(readPassword());
  const auto user = ask<admin::User>(context, &Stub::AddUser, request);
  const std::string_view can =
      request.without_password() ? "can get mail, and log in once there is a way to" : "can log in and get mail";
  context.output().done(fmt::format("{} {}.", user.address(), can), asJson(user));
  return ExitCode::done;
}

std::vector<std::string> row(const admin::User& user) {
  return {user.address(),
          user.enabled() ? "yes" : "no",
          humanBytes(user.quota().used_bytes()),
          showQuota(user.quota().limit_bytes()),
          std::to_string(user.quota().used_messages()),
          humanTime(user.created_at()),
          user.directory().empty() ? "-" : user.directory()};
}

const std::vector<std::string> kHeading{"ADDRESS", "ENABLED", "USED", "QUOTA", "MESSAGES", "CREATED", "DIRECTORY"};

ExitCode list(Context& context, const Arguments& arguments) {
  admin::ListUsersRequest request;
  if (!arguments.positional.empty()) request.set_domain(arguments.positional[0]);
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::User& user : listAll(context, &Stub::ListUsers, request)) {
    json.push_back(asJson(user));
    rows.push_back(row(user));
  }
  context.output().table(kHeading, rows, json);
  return ExitCode::done;
}

ExitCode show(Context& context, const Arguments& arguments) {
  admin::GetUserRequest request;
  request.set_address(arguments.positional[0]);
  const auto user = ask<admin::User>(context, &Stub::GetUser, request);
  context.output().table(kHeading, {row(user)}, asJson(user));
  return ExitCode::done;
}

ExitCode passwd(Context& context, const Arguments& arguments) {
  admin::SetPasswordRequest request;
  request.set_address(arguments.positional[0]);
  request.set_password(readPassword());
  const auto user = ask<admin::User>(context, &Stub::SetPassword, request);
  if (arguments.has("logout")) endSessions(context, user.address(), "");
  context.output().done(fmt::format("{} logs in with the new password from now on{}.", user.address(),
                                    arguments.has("logout") ? "; open sessions have been ended" : ""),
                        asJson(user));
  return ExitCode::done;
}

ExitCode setEnabled(Context& context, const Arguments& arguments, bool enabled) {
  admin::SetEnabledRequest request;
  request.set_address(arguments.positional[0]);
  request.set_enabled(enabled);
  const auto user = ask<admin::User>(context, &Stub::SetEnabled, request);
  const std::string_view what =
      enabled ? "can log in again." : "cannot log in any more, and open sessions have been ended; mail still arrives.";
  context.output().done(fmt::format("{} {}", user.address(), what), asJson(user));
  return ExitCode::done;
}

ExitCode disable(Context& context, const Arguments& arguments) {
  return setEnabled(context, arguments, false);
}
ExitCode enable(Context& context, const Arguments& arguments) {
  return setEnabled(context, arguments, true);
}

ExitCode remove(Context& context, const Arguments& arguments) {
  admin::RemoveUserRequest request;
  request.set_address(arguments.positional[0]);
  ask<admin::RemoveUserResponse>(context, &Stub::RemoveUser, request);
  context.output().done(fmt::format("{} is gone, with all mail.", request.address()), {{"removed", request.address()}});
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> userVerbs() {
  return {
      {"user",
       "add",
       "ADDRESS",
       1,
       1,
       {kPasswordStdin,
        {"no-password", "", "nobody logs in with a password until `user passwd` sets one"},
        {"quota", "SIZE", "how much mail it may hold: 1GiB, unlimited; the domain's default if not given"}},
       "Add a user with a mailbox",
       "",
       add},
      {"user", "list", "[DOMAIN]", 0, 1, {}, "The users of a domain, or all", "", list},
      {"user", "show", "ADDRESS", 1, 1, {}, "One user", "", show},
      {"user",
       "passwd",
       "ADDRESS",
       1,
       1,
       {kPasswordStdin, {"logout", "", "end the sessions that are open with the old one, too"}},
       "Give a user a new password",
       "",
       passwd},
      {"user",
       "disable",
       "ADDRESS",
       1,
       1,
       {},
       "End a user's sessions and let no more begin; mail still arrives",
       "",
       disable},
      {"user", "enable", "ADDRESS", 1, 1, {}, "Let a disabled user log in again", "", enable},
      {"user", "remove", "ADDRESS", 1, 1, {}, "Remove a user and all mail of theirs; there is no way back", "", remove},
  };
}

}  // namespace posthouse::mailctl
