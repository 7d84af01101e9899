#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "async/started.h"
#include "body.h"
#include "mail_store.h"
#include "message/downgrade.h"
#include "pop3/multi_line.h"
#include "pop3/top.h"
#include "read_ahead.h"

namespace posthouse::pop3d {

/// A message, or its header and first lines: the answer to RETR and TOP. Of a large one a piece is in memory, and the
/// next two are read while the client takes it in, if the pool has room for them.
class MessageBody final : public Body {
 public:
  /// As it is stored, or in ASCII as far as its headers go (RFC 6856 §2.1; message/downgrade.h).
  enum class Form { asStored, surrogate };

  /// Reads the first piece: a store that cannot be asked throws here, while there is still a way to say so. Without
  /// `lines` all of the message. Store and pool outlive it.
  static Task<std::unique_ptr<Body>> open(MailStore& store, ReadAheadPool& pool, StoredMessage message,
                                          std::optional<std::uint64_t> lines, Form form);

  /// Throws if the store cannot be asked in the middle of a message: the session can only end then.
  Task<std::string> next() override;

 private:
  struct Coming {
    ReadAheadPool::Share share;
    Started<std::string> piece;
  };

  MessageBody(MailStore& store, ReadAheadPool& pool, StoredMessage message, std::optional<std::uint64_t> lines,
              Form form);

  Task<> readPiece();
  void add(std::string piece);
  void readOn();
  bool isAllRead() const noexcept { return coming_.empty() && nextPiece_ == count(); }
  bool isComplete() const noexcept { return (top_ && top_->isComplete()) || isAllRead(); }
  std::uint64_t count() const noexcept { return pieces_ ? pieces_->count() : 0; }

  MailStore& store_;
  ReadAheadPool& pool_;
  std::string piece_;
  std::optional<store::BlobPieces> pieces_;  // of a large message
  std::uint64_t nextPiece_ = 0;              // the first that nobody reads yet
  std::deque<Coming> coming_;
  std::optional<message::Downgrade> downgrade_;
  std::optional<pop3::TopFilter> top_;
  pop3::DotStuffer stuffer_;
  bool ended_ = false;
};

}  // namespace posthouse::pop3d
