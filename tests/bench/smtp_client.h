#pragma once
#include <string>
#include <vector>

#include "conversation.h"

namespace posthouse::bench {

/// SMTP (RFC 5321) or LMTP (RFC 2033) as a sender in a hurry speaks it: pipelined (RFC 2920).
class SmtpClient {
 public:
  enum class Protocol { smtp, lmtp };
  /// By its name in small letters. Throws Failure.
  static Protocol protocolOf(const std::string& name);

  /// Connects, is greeted and says hello. Throws Failure with the server's words if it is not welcome.
  static Task<SmtpClient> open(net::Loop& loop, const Server& server, Protocol protocol);

  /// Sends one mail and returns when the server has taken it for every recipient. Throws Failure otherwise.
  /// `mail` ends with CRLF and has no line that begins with a dot.
  Task<> send(const std::vector<std::string>& recipients, std::string_view mail);
  Task<> quit();

 private:
  SmtpClient(std::unique_ptr<Conversation> server, Protocol protocol)
      : server_(std::move(server)), protocol_(protocol) {}
  Task<> expect(char kind);

  std::unique_ptr<Conversation> server_;
  Protocol protocol_;
};

}  // namespace posthouse::bench
