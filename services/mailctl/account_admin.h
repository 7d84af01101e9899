#pragma once
#include <chrono>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "context.h"
#include "mail/admin/v1/accounts.grpc.pb.h"

namespace posthouse::mailctl {

namespace admin = mail::admin::v1;

/// For calls that hash a password or write: longer than accountd's own patience.
inline constexpr std::chrono::seconds kCallDeadline{15};
inline constexpr std::chrono::hours kListDeadline{1};

std::unique_ptr<admin::AccountAdmin::Stub> accountAdmin(Context& context);
/// Tells accountd who calls, and for whom. Before the call begins.
void introduce(const Context& context, grpc::ClientContext& call);

/// One call of accountd: asks with `request` and returns the response.
template <class Response, class Request>
Response ask(Context& context,
             grpc::Status (admin::AccountAdmin::Stub::*call)(grpc::ClientContext*, const Request&, Response*),
             const Request& request) {
  const auto stub = accountAdmin(context);
  Response response;
  callNow("accountd", kCallDeadline, [&](grpc::ClientContext* callContext) {
    introduce(context, *callContext);
    return (stub.get()->*call)(callContext, request, &response);
  });
  return response;
}

/// Everything of a listing.
template <class Entry, class Request>
std::vector<Entry> listAll(
    Context& context,
    std::unique_ptr<grpc::ClientReader<Entry>> (admin::AccountAdmin::Stub::*call)(grpc::ClientContext*, const Request&),
    const Request& request) {
  const auto stub = accountAdmin(context);
  grpc::ClientContext callContext;
  callContext.set_deadline(std::chrono::system_clock::now() + kListDeadline);
  introduce(context, callContext);
  const auto reader = (stub.get()->*call)(&callContext, request);
  std::vector<Entry> entries;
  for (Entry entry; reader->Read(&entry);) entries.push_back(std::move(entry));
  require(reader->Finish(), "accountd");
  return entries;
}

nlohmann::json asJson(const admin::Domain& domain);
nlohmann::json asJson(const admin::User& user);
nlohmann::json asJson(const admin::Group& group);
nlohmann::json asJson(const admin::Administrator& administrator);
nlohmann::json asJson(const admin::AuditEntry& entry);
nlohmann::json asJson(const admin::SendAs& sendAs);
nlohmann::json asJson(const admin::Alias& alias);
nlohmann::json asJson(const admin::Quota& quota);

}  // namespace posthouse::mailctl
