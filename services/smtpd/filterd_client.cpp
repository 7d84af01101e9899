#include "filterd_client.h"

#include <algorithm>
#include <utility>

#include "rpc/call.h"

namespace posthouse::smtpd {
namespace {

constexpr std::size_t kChunk = 64 * 1024;

mail::v1::Envelope envelopeOf(const Client& client, const Transaction& transaction, std::size_t size) {
  mail::v1::Envelope envelope;
  envelope.set_queue_id(store::toText(transaction.id));
  envelope.set_session_id(client.sessionId);
  envelope.set_client_address(client.address.host);
  envelope.set_helo(client.greeting);
  envelope.set_reverse_path(transaction.reversePath);
  for (const Recipient& recipient : transaction.recipients) envelope.add_recipients(recipient.forwardPath);
  if (client.identity) envelope.set_authenticated_as(client.identity->address);
  envelope.set_size(size);
  return envelope;
}

Verdict::Kind kindOf(const mail::v1::CheckResponse& response) {
  switch (response.verdict()) {
    case mail::v1::CheckResponse::VERDICT_ACCEPT:
      return Verdict::Kind::accept;
    case mail::v1::CheckResponse::VERDICT_REJECT:
      return Verdict::Kind::reject;
    case mail::v1::CheckResponse::VERDICT_DEFER:
      return Verdict::Kind::defer;
    default:
      return Verdict::Kind::unavailable;
  }
}

}  // namespace

Task<Verdict> FilterdClient::check(const Client& client, const Transaction& transaction, std::string_view content) {
  bool begun = false;
  const auto next = [&](mail::v1::CheckRequest& request) {
    if (begun && content.empty()) return false;
    if (!std::exchange(begun, true)) *request.mutable_envelope() = envelopeOf(client, transaction, content.size());
    request.set_content(std::string(content.substr(0, kChunk)));
    content.remove_prefix(std::min(kChunk, content.size()));
    return true;
  };
  mail::v1::CheckResponse response;
  const grpc::Status status = co_await rpc::upload<mail::v1::CheckRequest>(
      loop_, deadline_, response, next, [this](auto*... call) { stub_->async()->Check(call...); });
  Verdict verdict;
  if (status.ok()) {
    verdict.kind = kindOf(response);
    verdict.status = response.enhanced_status();
    verdict.text = response.reply();
    for (const mail::v1::HeaderField& field : response.header_fields())
      verdict.headerFields.push_back({field.name(), field.value()});
    removeHeaderFields_.assign(response.remove_header_fields().begin(), response.remove_header_fields().end());
  } else {
    log_.warn("filter.unavailable", "filterd gave no verdict",
              {{"session_id", client.sessionId},
               {"queue_id", store::toText(transaction.id)},
               {"error", status.error_message()}});
  }
  verdict.removeHeaderFields = removeHeaderFields_;
  co_return verdict;
}

}  // namespace posthouse::smtpd
