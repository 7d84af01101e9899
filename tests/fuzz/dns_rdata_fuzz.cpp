// Whatever a name server sends as record data: no crash, no throw, and no name that holds a blank or a control.
#include <cstdlib>

#include "base/ascii.h"
#include "dns/rdata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse;
  const std::string_view rdata(reinterpret_cast<const char*>(data), size);
  const auto isHarmless = [](char c) { return ascii::isAlnum(c) || c == '-' || c == '_' || c == '.' || c == '\\'; };
  dns::parseA(rdata);
  dns::parseAaaa(rdata);
  dns::parseTxt(rdata);
  if (const auto mx = dns::parseMx(rdata); mx && !std::ranges::all_of(mx->exchange, isHarmless)) std::abort();
  if (const auto name = dns::parseName(rdata); name && !std::ranges::all_of(*name, isHarmless)) std::abort();
  return 0;
}
