#include "administration/import_users.h"

#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "administration/admin_messages.h"
#include "async/handover.h"
#include "async/task_group.h"

namespace posthouse::accountd {
namespace {

using mail::admin::v1::AddUserRequest;
using mail::admin::v1::ImportUsersResponse;

constexpr std::size_t kTogether = 200;  // in one transaction: each locks its address until the commit
constexpr std::size_t kUnderWay = 5 * kTogether;

void refuse(ImportUsersResponse& response, const Refusal& refusal) {
  response.set_error(refusal.text);
  response.set_already_exists(refusal.kind == Refusal::Kind::exists);
}

/// Users on their way from the request to the answer. Each stage takes from the one before it what is there.
class Import {
 public:
  Import(ImportExchange& exchange, Administration& administration, std::size_t hashes, Journal& journal)
      : exchange_(exchange), administration_(administration), hashes_(hashes), journal_(journal) {}

  Task<grpc::Status> run() {
    storing_.spawn(store());
    answering_.spawn(answer());
    co_await read();
    co_await preparing_.drained();
    ready_.close();
    co_await storing_.drained();
    answers_.close();
    co_await answering_.drained();
    if (failure_) std::rethrow_exception(failure_);
    co_return clientIsGone_ ? grpc::Status::CANCELLED : grpc::Status::OK;
  }

 private:
  struct Ready {
    ImportUsersResponse response;
    store::NewAccount account;
  };

  bool isFull() const noexcept { return hashing_ >= hashes_ || underWay_ >= kUnderWay; }

  Task<> read() {
    while (true) {
      while (!failure_ && isFull()) {
        room_.reset();
        co_await room_;
      }
      if (failure_) co_return;
      std::optional<AddUserRequest> request = co_await exchange_.next();
      if (!request) co_return;
      ++underWay_;
      preparing_.spawn(prepare(std::move(*request)));
    }
  }

  Task<> prepare(AddUserRequest request) {
    ImportUsersResponse response;
    response.set_row(request.row());
    response.set_address(request.address());
    ++hashing_;
    Answer<store::NewAccount> account = co_await administration_.prepareUser(asked(request));
    --hashing_;
    if (account) {
      ready_.put({std::move(response), std::move(*account)});
    } else {
      refuse(response, account.error());
      answers_.put(std::move(response));
    }
    room_.set();
  }

  Task<> store() {
    while (true) {
      std::vector<Ready> users = co_await ready_.take(kTogether);
      if (users.empty()) co_return;
      std::vector<store::NewAccount> accounts;
      for (Ready& user : users) accounts.push_back(std::move(user.account));
      const auto added = co_await administration_.addUsers(std::move(accounts));
      for (std::size_t i = 0; i < users.size(); ++i) finish(users[i].response, added[i]);
    }
  }

  void finish(ImportUsersResponse& response, const Answer<std::string>& added) {
    if (added) {
      response.set_address(*added);
      journal_.changed("user.add", *added);
    } else {
      refuse(response, added.error());
    }
    answers_.put(std::move(response));
  }

  Task<> answer() {
    while (true) {
      const std::vector<ImportUsersResponse> responses = co_await answers_.take(kTogether);
      if (responses.empty()) co_return;
      for (const ImportUsersResponse& response : responses) {
        if (!clientIsGone_) {
          const bool taken = co_await exchange_.write(response);
          clientIsGone_ = !taken;
        }
        --underWay_;
      }
      room_.set();
    }
  }

  /// What was begun ends, nothing more begins.
  void fail(std::exception_ptr failure) {
    failure_ = std::move(failure);
    room_.set();
  }

  ImportExchange& exchange_;
  Administration& administration_;
  const std::size_t hashes_;
  Journal& journal_;

  std::size_t hashing_ = 0;
  std::size_t underWay_ = 0;  // read and not answered
  bool clientIsGone_ = false;
  std::exception_ptr failure_;
  Event room_;
  Handover<Ready> ready_;
  Handover<ImportUsersResponse> answers_;
  TaskGroup preparing_{[this](std::exception_ptr failure) { fail(std::move(failure)); }};
  TaskGroup storing_{[this](std::exception_ptr failure) { fail(std::move(failure)); }};
  TaskGroup answering_;
};

}  // namespace

Task<grpc::Status> importUsers(ImportExchange& exchange, Administration& administration, std::size_t hashes,
                               Journal& journal) {
  Import import(exchange, administration, hashes, journal);
  co_return co_await import.run();
}

}  // namespace posthouse::accountd
