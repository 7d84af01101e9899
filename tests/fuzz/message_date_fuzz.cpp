// A date that is read is written, and read again as the same.
#include <cstdlib>

#include "message/date.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse::message;
  const auto date = parseDate(std::string_view(reinterpret_cast<const char*>(data), size));
  if (date && parseDate(formatDate(*date)) != date) std::abort();
  return 0;
}
