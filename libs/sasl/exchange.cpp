#include "sasl/exchange.h"

#include <array>

#include "base/ascii.h"
#include "sasl/login.h"
#include "sasl/plain.h"

namespace posthouse::sasl {

std::span<const std::string_view> mechanisms() {
  static constexpr std::array<std::string_view, 2> kMechanisms{"PLAIN", "LOGIN"};
  return kMechanisms;
}

std::unique_ptr<Exchange> begin(std::string_view mechanism) {
  if (ascii::equalsIgnoringCase(mechanism, "PLAIN")) return std::make_unique<Plain>();
  if (ascii::equalsIgnoringCase(mechanism, "LOGIN")) return std::make_unique<Login>();
  return nullptr;
}

}  // namespace posthouse::sasl
