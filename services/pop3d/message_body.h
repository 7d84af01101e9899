#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "body.h"
#include "mail_store.h"
#include "pop3/multi_line.h"
#include "pop3/top.h"

namespace posthouse::pop3d {

/// A message, or its header and first lines, read from the store a piece at a time: the answer to RETR and TOP. What a
/// session holds of a message is one piece.
class MessageBody final : public Body {
 public:
  /// Null if the message is gone. Reads the first piece: a store that cannot be asked throws here, while there is still
  /// a way to say so. Without `lines` all of the message. The store must outlive it.
  static Task<std::unique_ptr<Body>> open(MailStore& store, store::AccountId account, store::Uid uid,
                                          std::optional<std::uint64_t> lines);

  /// Throws if the message goes away in the middle: the session can only end then.
  Task<std::string> next() override;

 private:
  MessageBody(MailStore& store, store::AccountId account, store::Uid uid, std::optional<std::uint64_t> lines);

  Task<bool> readPiece();

  MailStore& store_;
  store::AccountId account_;
  store::Uid uid_;
  std::optional<pop3::TopFilter> top_;
  pop3::DotStuffer stuffer_;
  std::string piece_;
  std::uint64_t offset_ = 0;
  bool readAll_ = false;
  bool ended_ = false;
};

}  // namespace posthouse::pop3d
