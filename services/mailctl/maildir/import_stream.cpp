#include "maildir/import_stream.h"

#include <fmt/format.h>

#include <utility>

#include "account_admin.h"

namespace posthouse::mailctl::maildir {
namespace {

constexpr std::size_t kMostOnTheirWay = 1'000;
constexpr std::uint64_t kMostOctetsOnTheirWay = 16 * 1024 * 1024;
constexpr std::chrono::minutes kPatience{5};  // for something to be heard

/// In words that fit an import, which may be repeated.
grpc::Status explained(const grpc::Status& status, bool isSilent) {
  if (isSilent) return {grpc::StatusCode::UNAVAILABLE, "nothing was heard of it for 5 minutes"};
  if (status.error_code() == grpc::StatusCode::CANCELLED)
    return {grpc::StatusCode::UNAVAILABLE, "the import was cut off"};
  return status;
}

}  // namespace

ImportStream::ImportStream(Context& context, const admin::BeginMailImport& begin, OnAnswer onAnswer)
    : stub_(admin::MailImport::NewStub(context.channel("lmtp-delivery"))), onAnswer_(std::move(onAnswer)) {
  introduce(context, call_);
  stream_ = stub_->Import(&call_);
  admin::ImportMailRequest request;
  *request.mutable_begin() = begin;
  admin::ImportMailResponse response;
  stream_->Write(request);  // where it fails, reading tells, and Finish() waits for ever for what is unread
  if (!stream_->Read(&response)) {
    require(explained(stream_->Finish(), false), "lmtp-delivery");
    throw Failure(ExitCode::failed, "lmtp-delivery ended the import before it began");
  }
  begun_ = response.begun();
  listener_ = std::jthread([this] { hear(); });
  watcher_ = std::jthread([this](std::stop_token stop) { watch(std::move(stop)); });
}

ImportStream::~ImportStream() {
  call_.TryCancel();  // does nothing if it has ended
}

std::string ImportStream::folder(const std::string& name, bool subscribe) {
  admin::ImportMailRequest request;
  request.mutable_folder()->set_name(name);
  request.mutable_folder()->set_subscribe(subscribe);
  write(request);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return folderAnswer_ || ended_; });
  if (!folderAnswer_) endEarly();
  return *std::exchange(folderAnswer_, std::nullopt);
}

void ImportStream::send(admin::ImportMessage message, Sent sent) {
  admin::ImportMailRequest request;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      return ended_ || sent_.empty() ||
             (sent_.size() < kMostOnTheirWay && octets_ + sent.octets <= kMostOctetsOnTheirWay);
    });
    if (ended_) endEarly();
    message.set_number(++next_);
    octets_ += sent.octets;
    sent_.emplace(next_, std::move(sent));
  }
  *request.mutable_message() = std::move(message);
  write(request);
}

void ImportStream::send(admin::ImportOctets octets) {
  admin::ImportMailRequest request;
  *request.mutable_octets() = std::move(octets);
  write(request);
}

void ImportStream::finish() {
  stream_->WritesDone();
  listener_.join();
  watcher_.request_stop();
  watcher_.join();
  require(explained(stream_->Finish(), isSilent_), "lmtp-delivery");
  if (isCutShort_ || !sent_.empty())
    throw Failure(ExitCode::failed,
                  fmt::format("lmtp-delivery ended the import before its end: {} messages that it was "
                              "sent were not answered",
                              sent_.size()));
}

void ImportStream::endEarly() {
  isCutShort_ = true;
  throw Ended();
}

void ImportStream::write(const admin::ImportMailRequest& request) {
  if (!stream_->Write(request)) endEarly();
}

void ImportStream::hear() {
  for (admin::ImportMailResponse response; stream_->Read(&response);) {
    if (response.has_message()) take(response.message());
    const std::scoped_lock lock(mutex_);
    ++heard_;
    if (response.has_folder()) folderAnswer_ = response.folder().error();
    if (response.has_failed()) ended_ = true;
    changed_.notify_all();
  }
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void ImportStream::take(const admin::ImportedMessage& message) {
  Sent sent;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = sent_.find(message.number());
    if (found == sent_.end()) return;
    sent = std::move(found->second);
    sent_.erase(found);
    octets_ -= sent.octets;
  }
  onAnswer_(sent, message);
}

/// A server that neither answers nor goes away is given up.
void ImportStream::watch(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() && !ended_) {
    const std::uint64_t before = heard_;
    const bool isHeard =
        changed_.wait_for(lock, stop, kPatience, [&] { return ended_ || heard_ != before || sent_.empty(); });
    if (isHeard || stop.stop_requested()) {
      // Looked at anew after a while: not at every answer.
      changed_.wait_for(lock, stop, std::chrono::seconds(1), [this] { return ended_; });
      continue;
    }
    isSilent_ = true;
    call_.TryCancel();
    return;
  }
}

}  // namespace posthouse::mailctl::maildir
