#pragma once
#include <string>

#include "smtp/reply.h"

namespace posthouse::relayd {

/// What became of one recipient in one attempt.
struct Report {
  smtp::Reply reply;
  std::string host = {};  // who said it: a name or an address; empty if it is ours
  std::string tls = {};   // the version, empty in the clear
  bool connected = true;  // false: nobody to talk to was reached

  bool isDelivered() const noexcept { return reply.code / 100 == 2; }
};

}  // namespace posthouse::relayd
