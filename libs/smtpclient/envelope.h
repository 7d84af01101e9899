#pragma once
#include <vector>

#include "smtp/command.h"

namespace posthouse::smtpclient {

/// What is said before DATA. Parameters that the peer has no extension for are left out when it is sent, except those
/// without which the mail would not be the same: `smtpUtf8` and BODY=8BITMIME, for which it is refused instead.
struct Envelope {
  smtp::Mail mail;
  std::vector<smtp::Rcpt> recipients;  // at least one
};

}  // namespace posthouse::smtpclient
