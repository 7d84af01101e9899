#pragma once
#include <string>
#include <vector>

#include "smtp/reply.h"

namespace posthouse::smtpclient {

/// Where in the conversation something was said or went wrong.
enum class Phase { connect, greeting, hello, tls, mail, rcpt, data, end };

/// What became of one recipient, or of the attempt to open a connection.
struct Outcome {
  smtp::Reply reply;
  Phase phase;
  /// False for a reply that we made because the peer could not give one: 4yz if it was lost or silent, 5yz if it cannot
  /// take this mail at all.
  bool isFromPeer = true;

  bool isDelivered() const noexcept { return phase == Phase::end && reply.code / 100 == 2; }
};

/// What became of one mail.
struct Result {
  std::vector<Outcome> recipients;  // in the order of the envelope
  /// The final dot was sent and no reply came: the mail may have arrived.
  bool mayHaveArrived = false;
  std::string tlsVersion = {};  // "TLSv1.3"; empty: in the clear
};

}  // namespace posthouse::smtpclient
