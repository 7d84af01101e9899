// An import from its beginning to its end.
#include "import/mail_import.h"

#include <utility>

namespace posthouse::lmtp_delivery {

using grpc::StatusCode;

Task<grpc::Status> MailImport::run() {
  const std::optional<Request> first = co_await exchange_.next();
  if (!first) co_return grpc::Status::CANCELLED;
  if (!first->has_begin()) co_return grpc::Status(StatusCode::INVALID_ARGUMENT, "an import begins with `begin`");
  const auto account = co_await parts_.permission.ask(context_, first->begin());
  if (!account) co_return account.error();
  account_ = *account;
  Response begun;
  begun.mutable_begun()->set_address(account_.address);
  begun.mutable_begun()->set_max_message_size(parts_.config.maxMessageSize);
  const bool heard = co_await exchange_.write(begun);
  if (!heard) co_return grpc::Status::CANCELLED;
  if (first->begin().dry_run()) co_return grpc::Status::OK;

  store_.emplace(parts_.database, parts_.publisher, store::AccountId{account_.id});
  parts_.metrics.running.Increment();
  grpc::Status status = co_await transfer();
  parts_.metrics.running.Decrement();
  record();
  co_return status;
}

Task<grpc::Status> MailImport::transfer() {
  storing_.spawn(store());
  answering_.spawn(answer());
  parting_.spawn(lookForClient(ended_.get_token()));
  grpc::Status status;
  try {
    status = co_await read();
  } catch (...) {
    fail(std::current_exception());
  }
  ready_.close();
  co_await storing_.drained();
  answers_.close();
  co_await answering_.drained();
  ended_.request_stop();
  co_await parting_.drained();
  try {
    if (failure_) std::rethrow_exception(failure_);
  } catch (const std::exception& error) {
    parts_.log.warn("lmtp.import.failed", "an import ended before its end",
                    {{"account_id", account_.id}, {"error", error.what()}});
    co_return grpc::Status(StatusCode::UNAVAILABLE, error.what());
  }
  co_return clientIsGone_ ? grpc::Status::CANCELLED : status;
}

/// What was begun ends, nothing more begins. The client is told, who then ends its side, so that it hears the reason.
void MailImport::fail(std::exception_ptr failure) {
  if (failure_) return;
  failure_ = std::move(failure);
  Response response;
  response.mutable_failed();
  answers_.put({std::move(response), 0, false});
  parting_.spawn(cutOffLater(ended_.get_token()));
  room_.set();
}

/// Who is not heard any more is not waited for.
Task<> MailImport::lookForClient(std::stop_token ended) {
  constexpr std::chrono::seconds kBetween{1};
  try {
    while (!context_.IsCancelled()) co_await parts_.loop.sleep(kBetween, ended);
    room_.set();
  } catch (const net::Interrupted&) {  // it has ended
  }
}

Task<> MailImport::cutOffLater(std::stop_token ended) {
  constexpr std::chrono::seconds kPatience{10};
  try {
    co_await parts_.loop.sleep(kPatience, std::move(ended));
    context_.TryCancel();
  } catch (const net::Interrupted&) {  // it has ended
  }
}

void MailImport::record() const {
  parts_.log.info("lmtp.import.done", "mail of another server was imported",
                  {{"account_id", account_.id},
                   {"imported", static_cast<std::int64_t>(imported_)},
                   {"present", static_cast<std::int64_t>(present_)},
                   {"refused", static_cast<std::int64_t>(refused_)}});
}

}  // namespace posthouse::lmtp_delivery
