#pragma once
#include <functional>
#include <optional>
#include <string>

#include "login/authenticator.h"
#include "net/address.h"

namespace posthouse::smtpd {

/// Who is at the other end of a session.
struct Client {
  std::string sessionId;
  net::Address address;
  std::string greeting;     // what it called itself in EHLO or HELO; empty before
  bool isExtended = false;  // it said EHLO
  std::string tlsVersion;   // empty without TLS
  std::string tlsCipher;
  std::optional<login::Identity> identity;
  bool mayRelay = false;                    // by smtpd.relay_networks
  std::function<bool()> isThere = nullptr;  // false once it has closed the connection; asked while the session lives
};

}  // namespace posthouse::smtpd
