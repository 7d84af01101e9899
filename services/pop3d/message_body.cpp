#include "message_body.h"

#include <stdexcept>
#include <utility>

namespace posthouse::pop3d {

namespace {

constexpr std::uint64_t kPiece = 256 * 1024;  // as the store cuts large bodies: a read touches one or two of its chunks

}  // namespace

MessageBody::MessageBody(MailStore& store, store::AccountId account, store::Uid uid, std::optional<std::uint64_t> lines)
    : store_(store), account_(account), uid_(uid) {
  if (lines) top_.emplace(*lines);
}

Task<std::unique_ptr<Body>> MessageBody::open(MailStore& store, store::AccountId account, store::Uid uid,
                                              std::optional<std::uint64_t> lines) {
  std::unique_ptr<MessageBody> body(new MessageBody(store, account, uid, lines));
  const bool isThere = co_await body->readPiece();
  if (!isThere) co_return nullptr;
  co_return body;
}

Task<bool> MessageBody::readPiece() {
  std::optional<std::string> piece = co_await store_.read(account_, uid_, offset_, kPiece);
  if (!piece) co_return false;
  readAll_ = piece->size() < kPiece;
  offset_ += piece->size();
  piece_ = std::move(*piece);
  co_return true;
}

Task<std::string> MessageBody::next() {
  std::string out;
  if (ended_) co_return out;
  if (piece_.empty() && !readAll_) {
    const bool isThere = co_await readPiece();
    if (!isThere) throw std::runtime_error("the message was removed while it was sent");
  }
  stuffer_.add(top_ ? top_->pass(piece_) : piece_, out);
  piece_.clear();
  if (readAll_ || (top_ && top_->isComplete())) {
    stuffer_.finish(out);
    ended_ = true;
  }
  co_return out;
}

}  // namespace posthouse::pop3d
