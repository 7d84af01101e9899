#include "administration/actor.h"

#include <string>

namespace posthouse::accountd {
namespace {

std::string metadata(const grpc::CallbackServerContext& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  if (found == context.client_metadata().end()) return {};
  return {found->second.data(), found->second.size()};
}

}  // namespace

Actor actorOf(const grpc::CallbackServerContext& context) {
  Actor actor{metadata(context, "posthouse-actor"), metadata(context, "posthouse-operator")};
  if (actor.address.empty()) actor.address = metadata(context, "posthouse-actor-bin");
  if (actor.peer.empty()) actor.peer = "local";
  const auto proof = context.auth_context();
  if (proof && proof->IsPeerAuthenticated()) {
    const auto names = proof->GetPeerIdentity();
    if (!names.empty()) actor.peer = std::string(names.front().data(), names.front().size());
  }
  return actor;
}

}  // namespace posthouse::accountd
