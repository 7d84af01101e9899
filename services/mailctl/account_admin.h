#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "context.h"
#include "mail/admin/v1/accounts.grpc.pb.h"

namespace posthouse::mailctl {

namespace admin = mail::admin::v1;

/// For calls that hash a password or write: longer than accountd's own patience.
inline constexpr std::chrono::seconds kCallDeadline{15};
inline constexpr std::chrono::hours kListDeadline{1};

/// Tells accountd who calls, and for whom. Before the call begins.
void introduce(const Context& context, grpc::ClientContext& call);

/// One call of a service of accountd's, as &admin::AccountAdmin::Stub::GetUser: asks with `request` and returns the
/// response.
template <class Response, class Request, class Stub>
Response ask(Context& context, grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, Response*),
             const Request& request) {
  Stub stub(context.channel("accountd"));
  Response response;
  callNow("accountd", kCallDeadline, [&](grpc::ClientContext* callContext) {
    introduce(context, *callContext);
    return (stub.*call)(callContext, request, &response);
  });
  return response;
}

/// Everything of a listing.
template <class Entry, class Request, class Stub>
std::vector<Entry> listAll(Context& context,
                           std::unique_ptr<grpc::ClientReader<Entry>> (Stub::*call)(grpc::ClientContext*,
                                                                                    const Request&),
                           const Request& request) {
  Stub stub(context.channel("accountd"));
  grpc::ClientContext callContext;
  callContext.set_deadline(std::chrono::system_clock::now() + kListDeadline);
  introduce(context, callContext);
  const auto reader = (stub.*call)(&callContext, request);
  std::vector<Entry> entries;
  for (Entry entry; reader->Read(&entry);) entries.push_back(std::move(entry));
  require(reader->Finish(), "accountd");
  return entries;
}

/// Ends the sessions of a user, or one of them; how many were listed.
std::int64_t endSessions(Context& context, const std::string& address, const std::string& session);

nlohmann::json asJson(const admin::Domain& domain);
nlohmann::json asJson(const admin::User& user);
nlohmann::json asJson(const admin::Group& group);
nlohmann::json asJson(const admin::Administrator& administrator);
nlohmann::json asJson(const admin::AuditEntry& entry);
nlohmann::json asJson(const admin::SendAs& sendAs);
nlohmann::json asJson(const admin::Alias& alias);
nlohmann::json asJson(const admin::Quota& quota);

}  // namespace posthouse::mailctl
