// Whatever a client answers, an exchange ends within three steps, and what it takes for credentials is a name and a
// password.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sasl/exchange.h"

using namespace posthouse::sasl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view first = input.substr(0, input.find('\n'));
  const std::string_view second = input.substr(first.size());
  for (const std::string_view mechanism : mechanisms()) {
    const auto exchange = begin(mechanism);
    Step step = exchange->next(std::nullopt);
    for (const std::string_view answer : {first, second}) {
      if (std::holds_alternative<Challenge>(step)) step = exchange->next(answer);
    }
    if (std::holds_alternative<Challenge>(step)) std::abort();
    const auto* credentials = std::get_if<Credentials>(&step);
    if (credentials && (credentials->authenticationIdentity.empty() || credentials->password.empty())) std::abort();
  }
  return 0;
}
