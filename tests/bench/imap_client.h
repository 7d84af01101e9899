#pragma once
#include <string>

#include "conversation.h"

namespace posthouse::bench {

/// An IMAP client (RFC 3501) that counts what it is told instead of understanding it.
class ImapClient {
 public:
  /// Connects and is greeted.
  static Task<ImapClient> open(net::Loop& loop, const Server& server);

  /// A command without its tag. Returns when the server says OK, and throws Failure if it says anything else. Gives the
  /// number of untagged responses that had this word after a number, as "* 7 FETCH".
  Task<std::size_t> ask(std::string command, std::string_view counted = {});

  /// How many messages INBOX has, by STATUS.
  Task<std::size_t> messages();

  Task<std::size_t> logIn(const std::string& user, const std::string& password);
  /// The same with a password that is wrong: false if the server ended the connection instead of saying NO.
  Task<bool> isRefused(const std::string& user, const std::string& password);
  /// Begins IDLE (RFC 2177); it ends with the connection or endIdle().
  Task<> idle();
  Task<> endIdle();
  /// Waits for "* n EXISTS" and gives n.
  Task<std::size_t> exists();

  void close() { server_->close(); }

 private:
  explicit ImapClient(std::unique_ptr<Conversation> server) : server_(std::move(server)) {}
  Task<> skipLiterals(std::string_view line);
  Task<std::size_t> untilTagged(std::string_view command, std::string_view counted);

  std::unique_ptr<Conversation> server_;
};

}  // namespace posthouse::bench
