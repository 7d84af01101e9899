#include "sessions/sessions_service.h"

#include <exception>
#include <utility>
#include <vector>

#include "async/task_group.h"
#include "net/wait.h"
#include "statuses.h"
#include "store/session_repository.h"

namespace posthouse::accountd {

using mail::v1::AttachRequest;
using mail::v1::AttachResponse;

namespace {

constexpr std::chrono::seconds kHeartbeat{5};
constexpr std::chrono::minutes kUpkeep{1};
constexpr std::size_t kMostWaiting = 100'000;  // endings for a program that does not take them

std::vector<store::Session> sessionsOf(const AttachRequest& request) {
  std::vector<store::Session> sessions;
  sessions.reserve(static_cast<std::size_t>(request.opened_size()));
  for (const auto& one : request.opened()) {
    sessions.push_back({.id = one.session_id(),
                        .account = store::AccountId{one.account_id()},
                        .protocol = one.protocol(),
                        .remoteAddress = one.remote_address(),
                        .mechanism = one.mechanism(),
                        .tls = one.tls(),
                        .age = std::chrono::milliseconds(one.age_ms()),
                        .knownEnding = one.known_ending()});
  }
  return sessions;
}

mail::v1::SessionEnding::Reason asTold(store::EndReason reason) {
  switch (reason) {
    case store::EndReason::loggedOut:
      return mail::v1::SessionEnding::REASON_LOGGED_OUT;
    case store::EndReason::disabled:
      return mail::v1::SessionEnding::REASON_DISABLED;
    case store::EndReason::removed:
      return mail::v1::SessionEnding::REASON_REMOVED;
  }
  return mail::v1::SessionEnding::REASON_UNSPECIFIED;
}

AttachResponse asTold(const std::vector<store::SessionEnding>& endings) {
  AttachResponse response;
  for (const store::SessionEnding& ending : endings) {
    auto& told = *response.add_endings();
    told.set_account_id(static_cast<std::int64_t>(ending.account));
    told.set_session_id(ending.session);
    told.set_number(ending.number);
    told.set_reason(asTold(ending.reason));
  }
  return response;
}

}  // namespace

/// A program that is attached here.
struct SessionsService::Attached {
  Attached(EndingWatch& watch, const mail::v1::FrontEnd& begin, grpc::CallbackServerContext& context)
      : frontEnd{begin.id(), begin.attachment(), begin.program(), begin.instance()}, listener(watch), call(context) {}

  const store::FrontEnd frontEnd;
  EndingWatch::Listener listener;
  grpc::CallbackServerContext& call;
  std::stop_source over;  // it says no more
};

SessionsService::SessionsService(net::Loop& loop, db::Database& database, EndingWatch& watch,
                                 prometheus::Registry& registry, observe::Log log, std::stop_token draining)
    : loop_(loop),
      database_(database),
      watch_(watch),
      attachments_(prometheus::BuildGauge()
                       .Name("posthouse_accountd_attachments")
                       .Help("Programs that tell this one of their sessions.")
                       .Register(registry)
                       .Add({})),
      log_(std::move(log)),
      draining_(std::move(draining)) {}

grpc::ServerBidiReactor<AttachRequest, AttachResponse>* SessionsService::Attach(grpc::CallbackServerContext* context) {
  return rpc::answerExchange<AttachRequest, AttachResponse>(
      loop_, [this, context](Call& call) { return orUnavailable(attach(call, *context)); });
}

Task<grpc::Status> SessionsService::attach(Call& call, grpc::CallbackServerContext& context) {
  std::optional<AttachRequest> first = co_await call.next();
  if (!first) co_return grpc::Status::CANCELLED;
  if (!first->has_begin() || first->begin().id().empty())
    co_return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "an attachment begins with `begin`");
  Attached attached(watch_, first->begin(), context);  // listens before anything is looked at
  const auto begin = [&](db::Transaction& transaction) {
    return store::SessionRepository(transaction).attach(attached.frontEnd);
  };
  if (!co_await database_.transact(begin, db::Repeat::harmless))
    co_return grpc::Status(grpc::StatusCode::ABORTED, "attached anew meanwhile");

  attached_.insert(&attached);
  attachments_.Set(static_cast<double>(attached_.size()));
  TaskGroup telling;
  telling.spawn(tell(call, attached));
  std::string failure;
  try {
    co_await hear(call, attached, *std::move(first));
  } catch (const std::exception& error) {
    failure = error.what();
  }
  attached.over.request_stop();
  context.TryCancel();  // what is being told ends, too
  co_await telling.drained();
  attached_.erase(&attached);
  attachments_.Set(static_cast<double>(attached_.size()));

  // In a drain it goes on elsewhere; and what cannot be written now is forgotten when nobody keeps it.
  const auto end = [&](db::Transaction& transaction) {
    store::SessionRepository(transaction).detach(attached.frontEnd);
  };
  if (!draining_.stop_requested() && failure.empty()) co_await database_.transact(end, db::Repeat::harmless);
  co_return failure.empty() ? grpc::Status::CANCELLED : grpc::Status(grpc::StatusCode::UNAVAILABLE, failure);
}

Task<> SessionsService::hear(Call& call, Attached& attached, AttachRequest first) {
  std::optional<AttachRequest> request = std::move(first);
  while (request) {
    const bool isKnown = co_await report(attached, *request);
    if (!isKnown) throw std::runtime_error("attached anew, or forgotten, meanwhile");
    request = co_await call.next();
  }
}

/// False if it is to attach itself anew.
Task<bool> SessionsService::report(Attached& attached, const AttachRequest& request) {
  if (request.opened().empty() && request.closed().empty()) co_return true;
  const std::vector<store::Session> opened = sessionsOf(request);
  const std::vector<std::string> closed(request.closed().begin(), request.closed().end());
  const auto job = [&](db::Transaction& transaction) {
    return store::SessionRepository(transaction).report(attached.frontEnd, opened, closed);
  };
  const auto ended = co_await database_.transact(job, db::Repeat::harmless);
  if (ended) attached.listener.tell(*ended);
  co_return ended.has_value();
}

/// What has to end, as it comes; and now and then that we are there, as long as we know what there is.
Task<> SessionsService::tell(Call& call, Attached& attached) {
  const std::stop_callback draining(draining_, [&attached] { attached.over.request_stop(); });
  AttachResponse response;  // the first says that all is well
  while (co_await call.write(response)) {
    do {
      const net::Patience patience(kHeartbeat, attached.over.get_token(), &attached.listener.wakeup());
      net::Wait wait(loop_, patience);
      try {
        co_await wait;
      } catch (const net::Interrupted&) {
      }
      if (attached.over.stop_requested()) break;
    } while (attached.listener.waiting() == 0 && !watch_.isCurrent());
    if (attached.over.stop_requested() || attached.listener.waiting() > kMostWaiting) break;
    response = asTold(attached.listener.takeNews());
  }
  attached.call.TryCancel();  // so that what is being heard ends, too
}

Task<> SessionsService::keepTidy(std::stop_token stop) {
  auto tidied = std::chrono::steady_clock::time_point();
  try {
    while (true) {
      std::string failure;
      try {
        if (!attached_.empty()) co_await keep();
        if (std::chrono::steady_clock::now() - tidied > kUpkeep) {
          tidied = std::chrono::steady_clock::now();
          co_await prune();
        }
      } catch (const std::exception& error) {
        failure = error.what();
      }
      if (!failure.empty()) log_.warn("sessions.not_kept", failure);
      co_await loop_.sleep(kHeartbeat, stop);
    }
  } catch (const net::Interrupted&) {  // the program ends
  }
}

/// Whom the database does not know any more, because it has lost what is not logged, tells it all again.
Task<> SessionsService::keep() {
  std::vector<std::string> ids;
  for (const Attached* attached : attached_) ids.push_back(attached->frontEnd.id);
  const auto job = [&](db::Transaction& transaction) { return store::SessionRepository(transaction).keep(ids); };
  std::set<std::string> lost(ids.begin(), ids.end());
  for (const std::string& known : co_await database_.transact(job, db::Repeat::harmless)) lost.erase(known);
  for (Attached* attached : attached_)
    if (lost.contains(attached->frontEnd.id)) attached->call.TryCancel();
}

Task<> SessionsService::prune() {
  const auto job = [](db::Transaction& transaction) {
    store::SessionRepository sessions(transaction);
    sessions.forgetLost(kLost);
    sessions.pruneEndings(EndingWatch::kKept);
  };
  co_await database_.transact(job, db::Repeat::harmless);
}

}  // namespace posthouse::accountd
