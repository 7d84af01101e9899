// The timestamp of RFC 1939 §7, which RFC 2195 §2 took over.
#include "sasl/timestamp.h"

namespace posthouse::sasl {

std::string timestamp(std::string_view random, std::chrono::system_clock::time_point now, std::string_view host) {
  const auto clock = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::string text = "<";
  text.append(random).append(".").append(std::to_string(clock)).append("@").append(host).append(">");
  return text;
}

}  // namespace posthouse::sasl
