#include "import_users.h"

#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "async/task_group.h"

namespace posthouse::accountd {
namespace {

using mail::admin::v1::AddUserRequest;
using mail::admin::v1::ImportUsersResponse;

Task<> addOne(const AddUserRequest& request, ImportUsersResponse& response, Administration& administration,
              Journal& journal) {
  response.set_row(request.row());
  response.set_address(request.address());
  NewUser user{request.address(), request.password(), request.quota_bytes()};
  const Answer<store::Account> added = co_await administration.addUser(std::move(user));
  if (added) {
    response.set_address(added->address);
    journal.changed("user.add", added->address);
  } else {
    response.set_error(added.error().text);
    response.set_already_exists(added.error().kind == Refusal::Kind::exists);
  }
}

/// All of them beside each other. Throws what one of them threw, after the last has ended.
Task<> addAll(const std::vector<AddUserRequest>& requests, std::vector<ImportUsersResponse>& responses,
              Administration& administration, Journal& journal) {
  std::exception_ptr failure;
  TaskGroup adding([&failure](std::exception_ptr thrown) { failure = std::move(thrown); });
  for (std::size_t i = 0; i < requests.size(); ++i)
    adding.spawn(addOne(requests[i], responses[i], administration, journal));
  co_await adding.drained();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

Task<grpc::Status> importUsers(ImportExchange& exchange, Administration& administration, std::size_t batch,
                               Journal& journal) {
  bool more = true;
  while (more) {
    std::vector<AddUserRequest> requests;
    while (more && requests.size() < batch) {
      std::optional<AddUserRequest> request = co_await exchange.next();
      more = request.has_value();
      if (more) requests.push_back(std::move(*request));
    }
    std::vector<ImportUsersResponse> responses(requests.size());
    co_await addAll(requests, responses, administration, journal);
    for (const ImportUsersResponse& response : responses) {
      const bool taken = co_await exchange.write(response);
      if (!taken) co_return grpc::Status::CANCELLED;
    }
  }
  co_return grpc::Status::OK;
}

}  // namespace posthouse::accountd
