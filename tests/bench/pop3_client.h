#pragma once
#include <string>

#include "conversation.h"

namespace posthouse::bench {

/// A POP3 client (RFC 1939) that measures what it is told instead of keeping it.
class Pop3Client {
 public:
  /// Connects and is greeted.
  static Task<Pop3Client> open(net::Loop& loop, const Server& server);

  Task<> logIn(const std::string& user, const std::string& password);
  /// How many messages there are, by STAT.
  Task<std::size_t> messages();
  /// How many unique ids UIDL tells.
  Task<std::size_t> uniqueIds();
  /// RETR of all messages, `window` of them asked for before the first is answered: their octets.
  Task<std::size_t> retrieve(std::size_t messages, std::size_t window);
  Task<> quit();

 private:
  explicit Pop3Client(std::unique_ptr<Conversation> server) : server_(std::move(server)) {}
  Task<std::string> ask(std::string command);
  Task<std::string_view> statusLine(std::string_view command);

  std::unique_ptr<Conversation> server_;
};

}  // namespace posthouse::bench
