// Any octets are an address list, and a strict address is written as it was read.
#include <cstdlib>

#include "message/address.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse::message;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto list = parseAddressList(text);
  if (list.size() > kMaxAddresses + 1) std::abort();
  int open = 0;
  for (const Address& address : list) {
    if (address.kind == Address::Kind::groupStart) ++open;
    if (address.kind == Address::Kind::groupEnd) --open;
    if (open < 0 || open > 1) std::abort();
  }
  if (open != 0) std::abort();
  parseAddressList(format(list));
  if (const auto spec = parseAddrSpec(text)) {
    if (parseAddrSpec(formatAddrSpec(spec->localPart, spec->domain)) != spec) std::abort();
  }
  return 0;
}
