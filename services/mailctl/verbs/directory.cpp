#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "mail/admin/v1/directories.grpc.pb.h"
#include "sizes.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::Directories::Stub;

template <class Texts>
std::string joined(const Texts& texts) {
  std::string all;
  for (const std::string& text : texts) all.append(all.empty() ? "" : ", ").append(text);
  return all;
}

std::string usersOf(const admin::ServerCheck& server) {
  if (!server.error().empty()) return "-";
  return std::to_string(server.users()) + (server.has_more_users() ? " or more" : "");
}

ExitCode list(Context& context, const Arguments&) {
  const auto response =
      ask<admin::CheckDirectoriesResponse>(context, &Stub::CheckDirectories, admin::CheckDirectoriesRequest());
  std::vector<std::vector<std::string>> rows;
  nlohmann::json json = nlohmann::json::array();
  for (const admin::DirectoryCheck& directory : response.directories()) {
    nlohmann::json servers = nlohmann::json::array();
    for (const admin::ServerCheck& server : directory.servers()) {
      rows.push_back({directory.name(), joined(directory.domains()), server.url(),
                      server.error().empty() ? "ok" : server.error(), usersOf(server)});
      servers.push_back({{"url", server.url()},
                         {"error", server.error()},
                         {"users", server.users()},
                         {"has_more_users", server.has_more_users()},
                         {"milliseconds", server.milliseconds()}});
    }
    json.push_back({{"name", directory.name()},
                    {"domains", std::vector<std::string>(directory.domains().begin(), directory.domains().end())},
                    {"servers", std::move(servers)}});
  }
  context.output().table({"DIRECTORY", "DOMAINS", "SERVER", "STATE", "USERS"}, rows, json);
  return ExitCode::done;
}

std::string leadsTo(const admin::LookUpAddressResponse& found) {
  std::string all = joined(found.members());
  return all.empty() ? "-" : all;
}

ExitCode show(Context& context, const Arguments& arguments) {
  admin::LookUpAddressRequest request;
  request.set_address(arguments.positional[0]);
  const auto found = ask<admin::LookUpAddressResponse>(context, &Stub::LookUpAddress, request);
  const bool isUser = !found.entry().empty();
  nlohmann::json json = {{"directory", found.directory()},
                         {"entry", found.entry()},
                         {"addresses", std::vector<std::string>(found.addresses().begin(), found.addresses().end())},
                         {"enabled", found.enabled()},
                         {"quota_bytes", nullptr},
                         {"members", std::vector<std::string>(found.members().begin(), found.members().end())},
                         {"held_here", found.held_here()}};
  if (found.has_quota_bytes()) json["quota_bytes"] = found.quota_bytes();
  context.output().table(
      {"DIRECTORY", "ENTRY", "ADDRESSES", "ENABLED", "QUOTA", "LEADS TO", "HERE"},
      {{found.directory(), isUser ? found.entry() : "-", isUser ? joined(found.addresses()) : "-",
        isUser ? (found.enabled() ? "yes" : "no") : "-", found.has_quota_bytes() ? showQuota(found.quota_bytes()) : "-",
        leadsTo(found), found.held_here().empty() ? "-" : found.held_here()}},
      json);
  return ExitCode::done;
}

ExitCode adopt(Context& context, const Arguments& arguments) {
  admin::AdoptUserRequest request;
  request.set_address(arguments.positional[0]);
  const auto user = ask<admin::User>(context, &Stub::AdoptUser, request);
  context.output().done(
      fmt::format("{} logs in with the password of {} from now on.", user.address(), user.directory()), asJson(user));
  return ExitCode::done;
}

ExitCode release(Context& context, const Arguments& arguments) {
  admin::ReleaseUserRequest request;
  request.set_address(arguments.positional[0]);
  const auto user = ask<admin::User>(context, &Stub::ReleaseUser, request);
  context.output().done(
      fmt::format(
          "{0} is a user of this server alone, and can log in once there is a password: mailctl user passwd {0}",
          user.address()),
      asJson(user));
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> directoryVerbs() {
  return {
      {"directory",
       "list",
       "",
       0,
       0,
       {},
       "The external directories (LDAP) and whether their servers work",
       "Each server is asked as accountd asks it: TLS, bind_dn, base, and how many users user_filter finds.",
       list},
      {"directory",
       "show",
       "ADDRESS",
       1,
       1,
       {},
       "What the directory of its domain has by an address",
       "Asks now, and accountd forgets what it remembered. HERE is what has the address on this server, and comes "
       "first: "
       "user, group,\nshared, alias; or the mailbox of the directory's user.",
       show},
      {"directory",
       "adopt",
       "ADDRESS",
       1,
       1,
       {},
       "Make a user the directory's: it checks the password from now on",
       "The mailbox stays, or is made; a password that was set here is gone.",
       adopt},
      {"directory",
       "release",
       "ADDRESS",
       1,
       1,
       {},
       "Make a user of a directory one of this server alone",
       "The mailbox stays. Set a password afterwards: mailctl user passwd ADDRESS",
       release},
  };
}

}  // namespace posthouse::mailctl
