#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "sizes.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::AccountAdmin::Stub;
using admin::Group;

const Option kSenders{"senders", "WHO", "who may send to it: anyone, or members, who have to log in"};

std::string membersOf(const Group& group) {
  return group.members().empty() ? "nobody" : fmt::format("{}", fmt::join(group.members(), ", "));
}

bool membersOnly(const Arguments& arguments) {
  const std::string who = arguments.option("senders").value_or("anyone");
  if (who != "anyone" && who != "members") throw Failure(ExitCode::usage, "--senders wants \"anyone\" or \"members\"");
  return who == "members";
}

std::vector<std::string> row(const Group& group) {
  if (group.kind() == Group::KIND_SHARED)
    return {group.address(), membersOf(group), humanBytes(group.quota().used_bytes()),
            showQuota(group.quota().limit_bytes())};
  return {group.address(), membersOf(group), group.members_only() ? "members" : "anyone"};
}

void show(Context& context, Group::Kind kind, const std::vector<Group>& groups, const nlohmann::json& json) {
  std::vector<std::vector<std::string>> rows;
  for (const Group& group : groups) rows.push_back(row(group));
  if (kind == Group::KIND_SHARED) {
    context.output().table({"ADDRESS", "MEMBERS", "USED", "QUOTA"}, rows, json);
  } else {
    context.output().table({"ADDRESS", "MEMBERS", "SENDERS"}, rows, json);
  }
}

void show(Context& context, const Group& group) {
  show(context, group.kind(), {group}, asJson(group));
}

template <Group::Kind kind>
ExitCode add(Context& context, const Arguments& arguments) {
  admin::AddGroupRequest request;
  request.set_kind(kind);
  request.set_address(arguments.positional[0]);
  request.mutable_members()->Assign(arguments.positional.begin() + 1, arguments.positional.end());
  request.set_members_only(membersOnly(arguments));
  if (const auto quota = arguments.option("quota")) request.set_quota_bytes(parseQuota(*quota));
  const auto group = ask<Group>(context, &Stub::AddGroup, request);
  const std::string_view what = kind == Group::KIND_SHARED ? "is a mailbox of" : "goes to";
  context.output().done(fmt::format("{} {} {}.", group.address(), what, membersOf(group)), asJson(group));
  return ExitCode::done;
}

template <Group::Kind kind>
ExitCode list(Context& context, const Arguments& arguments) {
  admin::ListGroupsRequest request;
  request.set_kind(kind);
  if (!arguments.positional.empty()) request.set_domain(arguments.positional[0]);
  const std::vector<Group> groups = listAll(context, &Stub::ListGroups, request);
  nlohmann::json json = nlohmann::json::array();
  for (const Group& group : groups) json.push_back(asJson(group));
  show(context, kind, groups, json);
  return ExitCode::done;
}

Group find(Context& context, Group::Kind kind, const std::string& address) {
  admin::GetGroupRequest request;
  request.set_address(address);
  auto group = ask<Group>(context, &Stub::GetGroup, request);
  if (kind != Group::KIND_UNSPECIFIED && group.kind() != kind)
    throw Failure(ExitCode::notFound,
                  fmt::format("{} is a {}", address, group.kind() == Group::KIND_SHARED ? "shared mailbox" : "group"));
  return group;
}

template <Group::Kind kind>
ExitCode showOne(Context& context, const Arguments& arguments) {
  show(context, find(context, kind, arguments.positional[0]));
  return ExitCode::done;
}

ExitCode set(Context& context, const Arguments& arguments) {
  admin::SetGroupRequest request;
  request.set_address(arguments.positional[0]);
  request.set_members_only(membersOnly(arguments));
  show(context, ask<Group>(context, &Stub::SetGroup, request));
  return ExitCode::done;
}

template <Group::Kind kind>
ExitCode remove(Context& context, const Arguments& arguments) {
  admin::RemoveGroupRequest request;
  request.set_address(find(context, kind, arguments.positional[0]).address());
  ask<admin::RemoveGroupResponse>(context, &Stub::RemoveGroup, request);
  const std::string_view what = kind == Group::KIND_SHARED ? "is gone, with all mail." : "is gone.";
  context.output().done(fmt::format("{} {}", request.address(), what), {{"removed", request.address()}});
  return ExitCode::done;
}

template <class Request>
ExitCode changeMembers(Context& context, const Arguments& arguments,
                       grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, Group*)) {
  Request request;
  request.set_address(arguments.positional[0]);
  request.mutable_members()->Assign(arguments.positional.begin() + 1, arguments.positional.end());
  show(context, ask<Group>(context, call, request));
  return ExitCode::done;
}

ExitCode addMembers(Context& context, const Arguments& arguments) {
  return changeMembers(context, arguments, &Stub::AddMembers);
}
ExitCode removeMembers(Context& context, const Arguments& arguments) {
  return changeMembers(context, arguments, &Stub::RemoveMembers);
}

}  // namespace

std::vector<Verb> groupVerbs() {
  constexpr Group::Kind kGroup = Group::KIND_GROUP;
  return {
      {"group",
       "add",
       "ADDRESS MEMBER…",
       2,
       kAnyNumber,
       {kSenders},
       "Add a group: mail to it goes to each of its members",
       "Members are users and shared mailboxes; they may send as the group. For addresses elsewhere there are aliases.",
       add<kGroup>},
      {"group", "list", "[DOMAIN]", 0, 1, {}, "The groups of a domain, or all, with their members", "", list<kGroup>},
      {"group", "show", "ADDRESS", 1, 1, {}, "One group", "", showOne<kGroup>},
      {"group",
       "set",
       "ADDRESS",
       1,
       1,
       {{kSenders.name, kSenders.value, kSenders.help, true}},
       "Say who may send to a group",
       "",
       set},
      {"group", "remove", "ADDRESS", 1, 1, {}, "Remove a group; its members stay", "", remove<kGroup>},
  };
}

std::vector<Verb> sharedVerbs() {
  constexpr Group::Kind kShared = Group::KIND_SHARED;
  return {
      {"shared",
       "add",
       "ADDRESS MEMBER…",
       2,
       kAnyNumber,
       {{"quota", "SIZE", "how much mail it may hold: 1GiB, unlimited; the domain's default if not given"}},
       "Add a shared mailbox: it keeps its mail, and its members may send as it",
       "It has no password, and nobody logs in as it.",
       add<kShared>},
      {"shared", "list", "[DOMAIN]", 0, 1, {}, "The shared mailboxes of a domain, or all", "", list<kShared>},
      {"shared", "show", "ADDRESS", 1, 1, {}, "One shared mailbox", "", showOne<kShared>},
      {"shared",
       "remove",
       "ADDRESS",
       1,
       1,
       {},
       "Remove a shared mailbox and all its mail; there is no way back",
       "",
       remove<kShared>},
      {"member", "add", "ADDRESS MEMBER…", 2, kAnyNumber, {}, "Add to a group or a shared mailbox", "", addMembers},
      {"member",
       "remove",
       "ADDRESS MEMBER…",
       2,
       kAnyNumber,
       {},
       "Remove from a group or a shared mailbox",
       "",
       removeMembers},
      {"member",
       "list",
       "ADDRESS",
       1,
       1,
       {},
       "The members of a group or a shared mailbox",
       "",
       showOne<Group::KIND_UNSPECIFIED>},
  };
}

}  // namespace posthouse::mailctl
