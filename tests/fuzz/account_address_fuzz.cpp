// Promise: no octets crash or throw; an address that is read prints as one that reads the same, and so does its form
// without detail.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "directory/address.h"
#include "directory/prepare.h"

using namespace posthouse::accountd;

namespace {

void readsTheSame(const Address& address) {
  if (parseAddress(address.text()) != address) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = parseAddress(text)) {
    readsTheSame(*address);
    if (const auto user = address->withoutDetail("+-")) readsTheSame(*user);
  }
  if (const auto domain = parseDomain(text); domain && parseDomain(*domain) != domain) std::abort();
  const std::string password = preparePassword(text);
  if (preparePassword(password) != password) std::abort();
  return 0;
}
