#include "message_body.h"

#include <utility>

namespace posthouse::pop3d {
namespace {

constexpr std::size_t kPiecesAhead = 2;

}  // namespace

MessageBody::MessageBody(MailStore& store, ReadAheadPool& pool, StoredMessage message,
                         std::optional<std::uint64_t> lines, Form form)
    : store_(store), pool_(pool), piece_(std::move(message.octets)), pieces_(message.rest) {
  if (form == Form::surrogate) downgrade_.emplace();
  if (lines) top_.emplace(*lines);
}

Task<std::unique_ptr<Body>> MessageBody::open(MailStore& store, ReadAheadPool& pool, StoredMessage message,
                                              std::optional<std::uint64_t> lines, Form form) {
  std::unique_ptr<MessageBody> body(new MessageBody(store, pool, std::move(message), lines, form));
  body->readOn();
  if (body->pieces_) co_await body->readPiece();
  co_return body;
}

Task<> MessageBody::readPiece() {
  if (!coming_.empty()) {
    Coming coming = std::move(coming_.front());
    coming_.pop_front();
    add(co_await std::move(coming.piece).value());
  } else {
    add(co_await store_.readPiece(*pieces_, nextPiece_++));
  }
  readOn();
}

void MessageBody::add(std::string piece) {
  if (piece_.empty()) {
    piece_ = std::move(piece);
  } else {
    piece_ += piece;
  }
}

/// Of TOP, it is not known whether more is wanted.
void MessageBody::readOn() {
  if (top_) return;
  while (coming_.size() < kPiecesAhead && nextPiece_ != count()) {
    auto share = pool_.share(pieces_->chunk);
    if (!share) return;
    coming_.push_back({std::move(*share), Started(pool_.tasks, store_.readPiece(*pieces_, nextPiece_++))});
  }
}

Task<std::string> MessageBody::next() {
  std::string out;
  while (out.empty() && !ended_) {
    if (piece_.empty() && !isComplete()) co_await readPiece();
    if (downgrade_) piece_ = downgrade_->pass(std::move(piece_), isAllRead());
    if (top_) piece_.resize(top_->pass(piece_).size());
    out = stuffer_.stuff(std::exchange(piece_, {}));
    if (!isComplete()) continue;
    stuffer_.finish(out);
    ended_ = true;
  }
  co_return out;
}

}  // namespace posthouse::pop3d
