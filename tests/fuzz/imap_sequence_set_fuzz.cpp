// Promise: what is accepted prints as a set that parses to the same; resolved ranges ascend with gaps between.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "imap/sequence_set.h"

using namespace posthouse;
using namespace posthouse::imap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) try {
  Cursor in({reinterpret_cast<const char*>(data), size});
  const SequenceSet set = sequenceSet(in);
  const std::string printed = toString(set);
  Cursor again(printed);
  if (sequenceSet(again) != set || !again.atEnd()) std::abort();
  std::uint64_t previous = 0;
  for (const auto& range : resolve(set, 1000)) {
    if (range.first > range.last || (previous != 0 && range.first <= previous + 1)) std::abort();
    previous = range.last;
  }
  return 0;
} catch (const SyntaxError&) {
  return 0;
}
