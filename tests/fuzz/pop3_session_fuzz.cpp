// Whatever a client sends, in segments of any size: a session answers each line in the form that POP3 has, deletes what
// was marked if it was quitted, and nothing else, and ends. The first octet is the size of the segments.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "services/pop3d/octet_play.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static posthouse::pop3d::OctetPlay play;
  const std::string sent(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string wrong = play.objection(sent, std::size_t{data[0]} + 1);
  if (!wrong.empty()) {
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
  }
  return 0;
}
