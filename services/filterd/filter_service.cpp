#include "filter_service.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "header_fields.h"

namespace posthouse::filterd {

namespace {

using Clock = std::chrono::steady_clock;

mail::v1::CheckResponse::Verdict toProto(Verdict::Decision decision) {
  switch (decision) {
    case Verdict::Decision::accept:
      return mail::v1::CheckResponse::VERDICT_ACCEPT;
    case Verdict::Decision::reject:
      return mail::v1::CheckResponse::VERDICT_REJECT;
    case Verdict::Decision::defer:
      return mail::v1::CheckResponse::VERDICT_DEFER;
  }
  return mail::v1::CheckResponse::VERDICT_UNSPECIFIED;
}

std::string_view toText(Verdict::Decision decision) {
  switch (decision) {
    case Verdict::Decision::accept:
      return "accept";
    case Verdict::Decision::reject:
      return "reject";
    case Verdict::Decision::defer:
      return "defer";
  }
  return "";
}

void translate(const Verdict& verdict, mail::v1::CheckResponse& response) {
  response.set_verdict(toProto(verdict.decision));
  response.set_enhanced_status(verdict.enhancedStatus);
  response.set_reply(verdict.reply);
  response.set_score(verdict.score);
  for (const HeaderField& field : verdict.headerFields) {
    mail::v1::HeaderField& added = *response.add_header_fields();
    added.set_name(field.name);
    added.set_value(field.value);
  }
  for (const std::string& symbol : verdict.symbols) response.add_symbols(symbol);
  for (const std::string_view name : reservedFieldNames()) response.add_remove_header_fields(std::string(name));
}

}  // namespace

/// What has come of one message, counted against what all may hold together.
class FilterService::Content {
 public:
  explicit Content(FilterService& service) : service_(service) {}
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  ~Content() { account(-static_cast<std::ptrdiff_t>(octets_.size())); }

  /// False if that would be more than all may hold. What a message has beyond its own limit is not kept.
  bool add(std::string_view piece) {
    size_ += piece.size();
    piece = piece.substr(0, service_.config_.maxMessageSize - octets_.size());
    if (service_.held_ + piece.size() > service_.config_.maxHeld) return false;
    octets_ += piece;
    account(static_cast<std::ptrdiff_t>(piece.size()));
    return true;
  }

  std::string_view octets() const noexcept { return octets_; }
  std::size_t size() const noexcept { return size_; }

 private:
  void account(std::ptrdiff_t change) {
    service_.held_ += static_cast<std::size_t>(change);
    service_.metrics_.heldOctets.Set(static_cast<double>(service_.held_));
  }

  FilterService& service_;
  std::string octets_;
  std::size_t size_ = 0;  // of the message, kept or not
};

grpc::ServerReadReactor<mail::v1::CheckRequest>* FilterService::Check(grpc::CallbackServerContext* context,
                                                                      mail::v1::CheckResponse* response) {
  return rpc::answerUpload<mail::v1::CheckRequest>(
      loop_, [this, context, response](Upload& upload) { return check(upload, *context, *response); });
}

Task<grpc::Status> FilterService::check(Upload& upload, const grpc::CallbackServerContext& context,
                                        mail::v1::CheckResponse& response) {
  const auto start = Clock::now();
  mail::v1::Envelope envelope;
  Content content(*this);
  grpc::Status received = co_await receive(upload, envelope, content);
  if (received.ok() && context.IsCancelled())
    received = grpc::Status(grpc::StatusCode::CANCELLED, "the caller went away");
  if (!received.ok()) {
    metrics_.countError();
    log_.warn("filter.failed", received.error_message(), {{"queue_id", envelope.queue_id()}});
    co_return received;
  }
  const Verdict verdict = co_await engine_.judge(content.octets(), scannerTime(context));
  translate(verdict, response);
  report(envelope, verdict, content.size(), std::chrono::duration<double>(Clock::now() - start).count());
  co_return grpc::Status::OK;
}

/// The envelope first, and the content with it or after it.
Task<grpc::Status> FilterService::receive(Upload& upload, mail::v1::Envelope& envelope, Content& content) {
  std::optional<mail::v1::CheckRequest> request = co_await upload.next();
  if (!request || !request->has_envelope()) {
    co_return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the envelope comes first");
  }
  envelope = std::move(*request->mutable_envelope());
  do {
    if (!content.add(request->content())) {
      co_return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too much is being judged at once");
    }
    request = co_await upload.next();
    if (request && request->has_envelope())
      co_return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "there is one envelope");
  } while (request);
  co_return grpc::Status::OK;
}

/// So much of the caller's deadline that the answer still arrives before it.
std::chrono::milliseconds FilterService::scannerTime(const grpc::CallbackServerContext& context) const {
  constexpr std::chrono::milliseconds kToAnswer{250};
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(context.deadline() - std::chrono::system_clock::now());
  return std::clamp(left - kToAnswer, std::chrono::milliseconds{0}, config_.clamdTimeout);
}

void FilterService::report(const mail::v1::Envelope& envelope, const Verdict& verdict, std::size_t octets,
                           double seconds) {
  metrics_.count(verdict);
  metrics_.totalSeconds.Observe(seconds);
  const std::string symbols = fmt::format("{}", fmt::join(verdict.symbols, ","));
  log_.info("filter.verdict", verdict.reply.empty() ? "accepted" : verdict.reply,
            {{"queue_id", envelope.queue_id()},
             {"session_id", envelope.session_id()},
             {"verdict", toText(verdict.decision)},
             {"score", verdict.score},
             {"symbols", symbols},
             {"remote_ip", envelope.client_address()},
             {"size_b", octets},
             {"duration_s", seconds}});
  if (!verdict.scannerFailure.empty()) {
    log_.warn("filter.clamd.away", verdict.scannerFailure, {{"queue_id", envelope.queue_id()}});
  }
}

}  // namespace posthouse::filterd
