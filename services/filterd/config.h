#pragma once
#include <chrono>
#include <cstddef>
#include <optional>

#include "config/section.h"
#include "engine.h"
#include "net/address.h"

namespace posthouse::filterd {

struct Config {
  Policy policy;
  std::size_t maxMessageSize = 64 * 1024 * 1024;  // octets of a message that are looked at
  std::size_t maxHeld = 512 * 1024 * 1024;        // octets of all messages that are judged at once
  std::optional<net::Address> clamd;              // none: nobody is asked about viruses
  std::chrono::milliseconds clamdTimeout{10'000};
  std::size_t clamdStreamLimit = 25 * 1024 * 1024;  // octets; at most clamd's StreamMaxLength

  /// `section` is [filterd]. Errors are noted in the configuration.
  static Config from(config::Section& section);
};

}  // namespace posthouse::filterd
