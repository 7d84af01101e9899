#pragma once
#include <string>

namespace posthouse::sasl {

/// The client does not speak the mechanism.
struct Malformed {
  std::string reason;  // fit for the client's eyes
  bool operator==(const Malformed&) const = default;
};

}  // namespace posthouse::sasl
