#include "directory/accountd_directory.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>

#include "mail/v1/account.grpc.pb.h"
#include "rpc/call.h"

namespace posthouse::directory {
namespace {

Resolution::Result resultOf(const mail::v1::ResolveResponse& response) {
  switch (response.result()) {
    case mail::v1::ResolveResponse::RESULT_FOUND:
      return Resolution::Result::found;
    case mail::v1::ResolveResponse::RESULT_NO_SUCH_ADDRESS:
      return Resolution::Result::noSuchAddress;
    case mail::v1::ResolveResponse::RESULT_NOT_LOCAL:
      return Resolution::Result::notLocal;
    case mail::v1::ResolveResponse::RESULT_LOOP:
      return Resolution::Result::loop;
    default:
      throw Unavailable("accountd gave an answer that this program does not know");
  }
}

}  // namespace

Task<Resolution> AccountdDirectory::resolve(std::string address) {
  const auto stub = mail::v1::Accounts::NewStub(channel_);
  mail::v1::ResolveRequest request;
  request.set_address(std::move(address));
  mail::v1::ResolveResponse response;
  const auto start = [&stub](auto* context, auto* asked, auto* answer, auto done) {
    stub->async()->Resolve(context, asked, answer, std::move(done));
  };
  const grpc::Status status = co_await rpc::unary(loop_, deadline_, request, response, start);
  if (!status.ok()) throw Unavailable(fmt::format("accountd: {}", status.error_message()));
  Resolution resolution{.result = resultOf(response)};
  for (const auto& account : response.accounts())
    resolution.accounts.push_back({account.account_id(), account.address()});
  for (const auto& remote : response.remote_addresses()) resolution.remoteAddresses.push_back(remote);
  resolution.membersOnly = response.members_only();
  resolution.permittedSenders.assign(response.permitted_senders().begin(), response.permitted_senders().end());
  co_return resolution;
}

Task<bool> AccountdDirectory::maySendAs(std::int64_t account, std::string address) {
  const auto stub = mail::v1::Accounts::NewStub(channel_);
  mail::v1::MaySendAsRequest request;
  request.set_account_id(account);
  request.set_address(std::move(address));
  mail::v1::MaySendAsResponse response;
  const auto start = [&stub](auto* context, auto* asked, auto* answer, auto done) {
    stub->async()->MaySendAs(context, asked, answer, std::move(done));
  };
  const grpc::Status status = co_await rpc::unary(loop_, deadline_, request, response, start);
  if (!status.ok()) throw Unavailable(fmt::format("accountd: {}", status.error_message()));
  co_return response.may();
}

}  // namespace posthouse::directory
