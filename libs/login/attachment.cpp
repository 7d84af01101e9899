#include "login/attachment.h"

#include <grpcpp/channel.h>

#include <chrono>
#include <utility>
#include <vector>

#include "crypto/random.h"
#include "mail/v1/sessions.grpc.pb.h"
#include "rpc/duplex.h"

namespace posthouse::login {

using mail::v1::AttachRequest;
using mail::v1::AttachResponse;

namespace {

constexpr std::chrono::milliseconds kInterval{250};  // between what is told; who is gone sooner is never told of
constexpr std::chrono::milliseconds kPause{200};     // before another accountd is tried, or the same again
constexpr std::chrono::seconds kSilence{15};         // of an accountd that is not there any more
constexpr std::chrono::seconds kWriting{10};
constexpr std::size_t kAtOnce = 500;  // sessions in a message: some 100 KiB of gRPC's 4 MiB

EndReason reasonOf(const mail::v1::SessionEnding& ending) {
  switch (ending.reason()) {
    case mail::v1::SessionEnding::REASON_DISABLED:
      return EndReason::disabled;
    case mail::v1::SessionEnding::REASON_REMOVED:
      return EndReason::removed;
    default:
      return EndReason::loggedOut;
  }
}

std::vector<Ending> endingsOf(const AttachResponse& response) {
  std::vector<Ending> endings;
  for (const auto& one : response.endings())
    endings.push_back({store::AccountId{one.account_id()}, one.session_id(), one.number(), reasonOf(one)});
  return endings;
}

}  // namespace

/// One attachment to an accountd.
struct Attachment::Call {
  rpc::Duplex<AttachRequest, AttachResponse>& stream;
  std::stop_source over{};  // it has ended, or we do
};

Attachment::Attachment(net::Loop& loop, std::shared_ptr<grpc::Channel> accountd, OpenSessions& sessions,
                       std::string program, std::string instance, prometheus::Registry& registry, observe::Log log)
    : loop_(loop),
      accountd_(std::move(accountd)),
      sessions_(sessions),
      program_(std::move(program)),
      instance_(std::move(instance)),
      id_(crypto::randomToken(9)),
      isAttached_(prometheus::BuildGauge()
                      .Name("posthouse_sessions_attached")
                      .Help("1 while accountd can say which sessions have to end.")
                      .Register(registry)
                      .Add({})),
      log_(std::move(log)) {
  running_.spawn(run());
}

Attachment::~Attachment() = default;

Task<> Attachment::close() {
  stop_.request_stop();
  co_await running_.drained();
}

Task<> Attachment::run() {
  const auto stub = mail::v1::Sessions::NewStub(accountd_);
  const auto start = [&](auto* context, auto* reactor) { stub->async()->Attach(context, reactor); };
  const auto talk = [this](rpc::Duplex<AttachRequest, AttachResponse>& stream) -> Task<> {
    Call call{stream};
    co_await hold(call);
  };
  while (!stop_.stop_requested()) {
    ++attachment_;
    sessions_.tellAllAnew();
    const grpc::Status status = co_await rpc::duplex<AttachRequest, AttachResponse>(loop_, start, talk);
    detached(status.error_message());
    try {
      co_await loop_.sleep(kPause, stop_.get_token());
    } catch (const net::Interrupted&) {
    }
  }
}

Task<> Attachment::hold(Call& call) {
  const std::stop_callback stopping(stop_.get_token(), [&call] { call.over.request_stop(); });
  AttachRequest request;
  auto& begin = *request.mutable_begin();
  begin.set_id(id_);
  begin.set_attachment(attachment_);
  begin.set_program(program_);
  begin.set_instance(instance_);
  TaskGroup listening;
  listening.spawn(listen(call));
  bool isUp = co_await call.stream.write(request, kWriting);
  while (isUp && !call.over.stop_requested()) {
    isUp = co_await tellChanges(call);
    try {
      co_await loop_.sleep(kInterval, call.over.get_token());
    } catch (const net::Interrupted&) {
    }
  }
  call.stream.cancel();
  co_await listening.drained();
}

Task<> Attachment::listen(Call& call) {
  while (true) {
    const std::optional<AttachResponse> response = co_await call.stream.next(kSilence);
    if (!response) break;
    attached();
    const std::vector<Ending> endings = endingsOf(*response);
    if (!endings.empty()) sessions_.end(endings);
  }
  call.over.request_stop();
}

/// False when the call is over.
Task<bool> Attachment::tellChanges(Call& call) {
  while (true) {
    const OpenSessions::Changes changes = sessions_.takeChanges(kAtOnce, kInterval);
    if (changes.opened.empty() && changes.closed.empty()) co_return true;
    AttachRequest request;
    for (const OpenSession* session : changes.opened) {
      auto& opened = *request.add_opened();
      opened.set_session_id(session->id());
      opened.set_account_id(static_cast<std::int64_t>(session->account()));
      opened.set_protocol(sessions_.protocol());
      opened.set_remote_address(session->remoteAddress());
      opened.set_mechanism(session->mechanism());
      opened.set_tls(session->isTls());
      opened.set_age_ms(
          std::chrono::duration_cast<std::chrono::milliseconds>(sessions_.now() - session->since()).count());
      opened.set_known_ending(session->knownEnding());
    }
    request.mutable_closed()->Assign(changes.closed.begin(), changes.closed.end());
    if (!co_await call.stream.write(request, kWriting)) co_return false;
  }
}

void Attachment::attached() {
  if (isAttached_.Value() == 1) return;
  isAttached_.Set(1);
  log_.info("sessions.attached", "accountd is told of sessions, and says which have to end");
}

void Attachment::detached(const std::string& why) {
  if (isAttached_.Value() == 0) return;
  isAttached_.Set(0);
  if (!stop_.stop_requested())
    log_.warn("sessions.detached", "Sessions go on, but accountd cannot say which have to end", {{"error", why}});
}

}  // namespace posthouse::login
