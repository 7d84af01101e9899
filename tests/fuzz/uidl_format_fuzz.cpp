// Promise: no octets crash, and nothing but SyntaxError is thrown; what is a format gives the same id each time, and
// another one where everything is another.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/cursor.h"
#include "maildir/uidl_format.h"

using namespace posthouse;
using namespace posthouse::mailctl::maildir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const UidlFormat format = UidlFormat::parse(text);
    const UidlParts one{1'600'000'000, 7, "1.a,S=3", "guid"};
    const UidlParts other{1'600'000'001, 8, "2.b,S=4", "diug"};
    if (format.apply(one) != format.apply(one)) std::abort();
    std::size_t percents = 0;
    for (const char c : text) percents += c == '%' ? 1 : 0;
    const bool isConstant = format.apply(one) == format.apply(other);
    if (isConstant && percents % 2 != 0) std::abort();
  } catch (const SyntaxError&) {
  }
  return 0;
}
