#include "import/import_permission.h"

#include <string>

#include "mail/admin/v1/mail_import.grpc.pb.h"
#include "rpc/call.h"

namespace posthouse::lmtp_delivery {

namespace admin = mail::admin::v1;

namespace {

/// Who calls us, in the metadata that accountd reads (services/accountd/administration/actor.h).
void introduce(const grpc::CallbackServerContext& from, grpc::ClientContext& to) {
  constexpr const char* kOperator = "posthouse-operator";
  std::string caller;
  for (const char* name : {"posthouse-actor", "posthouse-actor-bin", kOperator}) {
    const auto found = from.client_metadata().find(name);
    if (found == from.client_metadata().end()) continue;
    const std::string value(found->second.data(), found->second.size());
    if (name == kOperator) {
      caller = value;
    } else {
      to.AddMetadata(name, value);
    }
  }
  const auto proof = from.auth_context();
  if (proof && proof->IsPeerAuthenticated() && !proof->GetPeerIdentity().empty()) {
    const grpc::string_ref name = proof->GetPeerIdentity().front();
    caller = std::string(name.data(), name.size());
  }
  if (!caller.empty()) to.AddMetadata(kOperator, caller);
}

}  // namespace

Task<std::expected<directory::Account, grpc::Status>> ImportPermission::ask(const grpc::CallbackServerContext& call,
                                                                            const admin::BeginMailImport& begin) {
  try {
    co_await directory_.resolve(begin.address());
  } catch (const directory::Unavailable& unavailable) {
    co_return std::unexpected(grpc::Status(grpc::StatusCode::UNAVAILABLE, unavailable.what()));
  }
  const auto stub = admin::MailImportPermission::NewStub(channel_);
  admin::PermitMailImportRequest request;
  request.set_address(begin.address());
  request.set_source(begin.source());
  request.set_dry_run(begin.dry_run());
  admin::PermitMailImportResponse response;
  const auto start = [&](auto* context, auto* asked, auto* answer, auto done) {
    introduce(call, *context);
    stub->async()->Permit(context, asked, answer, std::move(done));
  };
  constexpr std::chrono::seconds kDeadline{10};
  const grpc::Status status = co_await rpc::unary(loop_, kDeadline, request, response, start);
  if (!status.ok()) co_return std::unexpected(status);
  co_return directory::Account{response.account_id(), response.address()};
}

}  // namespace posthouse::lmtp_delivery
