// A log line's strings: UTF-8 in quotes, no control octet, and nothing that would end the string before its end.
#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"
#include "base/utf8.h"
#include "observe/log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse;
  std::string out;
  observe::appendJsonString(out, {reinterpret_cast<const char*>(data), size});
  if (!utf8::isValid(out) || out.size() < 2 || out.front() != '"' || out.back() != '"') std::abort();
  for (std::size_t i = 1; i + 1 < out.size(); ++i) {
    if (static_cast<unsigned char>(out[i]) < 0x20 || out[i] == '"') std::abort();
    if (out[i] != '\\') continue;
    ++i;
    if (i + 1 >= out.size()) std::abort();
    if (std::string_view("\"\\/bfnrtu").find(out[i]) == std::string_view::npos) std::abort();
    if (out[i] == 'u') {
      for (std::size_t k = 1; k <= 4; ++k) {
        if (!ascii::isHexDigit(out.at(i + k))) std::abort();
      }
    }
  }
  return 0;
}
