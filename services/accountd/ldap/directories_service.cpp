#include "ldap/directories_service.h"

#include "administration/actor.h"
#include "administration/admin_answers.h"

namespace posthouse::accountd::ldap {
namespace {

namespace admin = mail::admin::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

}  // namespace

/// Found by the templates of admin_answers.h.
static void tell(const std::vector<DirectoryCheck>& checks, admin::CheckDirectoriesResponse& response) {
  for (const DirectoryCheck& check : checks) {
    admin::DirectoryCheck& told = *response.add_directories();
    told.set_name(check.name);
    told.mutable_domains()->Assign(check.domains.begin(), check.domains.end());
    for (const ServerCheck& server : check.servers) {
      admin::ServerCheck& one = *told.add_servers();
      one.set_url(server.url);
      one.set_error(server.error);
      one.set_users(server.users);
      one.set_has_more_users(server.hasMoreUsers);
      one.set_milliseconds(server.took.count());
    }
  }
}

static void tell(const LookedUp& found, admin::LookUpAddressResponse& response) {
  response.set_directory(found.directory);
  response.mutable_members()->Assign(found.members.begin(), found.members.end());
  response.set_held_here(found.heldHere);
  if (!found.person) return;
  response.set_entry(found.person->name);
  for (const Address& address : found.person->addresses) response.add_addresses(address.text());
  response.set_enabled(found.person->enabled);
  if (found.person->quotaBytes) response.set_quota_bytes(*found.person->quotaBytes);
}

ServerUnaryReactor* DirectoriesService::CheckDirectories(CallbackServerContext* context,
                                                         const admin::CheckDirectoriesRequest*,
                                                         admin::CheckDirectoriesResponse* response) {
  return serve(loop_, context, read(office_.as(actorOf(*context)), *response, &Office::check));
}

ServerUnaryReactor* DirectoriesService::LookUpAddress(CallbackServerContext* context,
                                                      const admin::LookUpAddressRequest* request,
                                                      admin::LookUpAddressResponse* response) {
  return serve(loop_, context, read(office_.as(actorOf(*context)), *response, &Office::lookUp, request->address()));
}

ServerUnaryReactor* DirectoriesService::AdoptUser(CallbackServerContext* context,
                                                  const admin::AdoptUserRequest* request, admin::User* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "directory.adopt", &Office::adopt,
                      request->address()));
}

ServerUnaryReactor* DirectoriesService::ReleaseUser(CallbackServerContext* context,
                                                    const admin::ReleaseUserRequest* request, admin::User* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "directory.release", &Office::release,
                      request->address()));
}

}  // namespace posthouse::accountd::ldap
