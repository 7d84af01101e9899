#pragma once
#include <map>
#include <stdexcept>
#include <string>

#include "async/task.h"

namespace posthouse::accountd {

/// Over what a client logs in, as the program says that it came to.
struct Connection {
  std::string protocol;
  std::string remoteAddress;
  std::string sessionId;
  bool isTls = false;
  std::map<std::string, std::string> channelBindings;  // by type
};

/// The client gave the exchange up, or its program is gone.
class ConversationEnded : public std::runtime_error {
 public:
  ConversationEnded() : std::runtime_error("the client gave the exchange up") {}
};

/// The client's end of a SASL exchange (RFC 4422 §3).
class Conversation {
 public:
  virtual ~Conversation() = default;
  /// The response to a challenge; both are octets. Throws ConversationEnded.
  virtual Task<std::string> ask(std::string challenge) = 0;
};

}  // namespace posthouse::accountd
