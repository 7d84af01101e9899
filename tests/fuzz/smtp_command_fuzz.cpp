// Any line parses to a command or to a refusal, and a command that is printed parses back to the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "smtp/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse::smtp;
  const Extensions all{.auth = true, .dsn = true, .deliveryId = true};
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto parsed = parseCommand(line, all)) {
    if (parseCommand(text(*parsed), all) != parsed) std::abort();
  } else if (!parsed.error().isPermanent()) {
    std::abort();
  }
  return 0;
}
