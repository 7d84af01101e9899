#include "sasl/exchange.h"

#include "base/ascii.h"
#include "sasl/login.h"
#include "sasl/plain.h"

namespace posthouse::sasl {

std::unique_ptr<Exchange> begin(std::string_view mechanism) {
  if (ascii::equalsIgnoringCase(mechanism, "PLAIN")) return std::make_unique<Plain>();
  if (ascii::equalsIgnoringCase(mechanism, "LOGIN")) return std::make_unique<Login>();
  return nullptr;
}

}  // namespace posthouse::sasl
