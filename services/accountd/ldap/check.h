#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "ldap/connection.h"
#include "ldap/settings.h"

namespace posthouse::accountd::ldap {

/// What a server of a directory is good for.
struct ServerCheck {
  std::string url;
  std::string error;  // empty: reached, by TLS as configured, as bind_dn, and base is there
  std::int64_t users = 0;
  bool hasMoreUsers = false;         // than were counted
  std::chrono::milliseconds took{};  // until base was found
};

/// On a connection of its own.
ServerCheck checkServer(const Settings& settings, const std::string& url, Deadline deadline);

}  // namespace posthouse::accountd::ldap
