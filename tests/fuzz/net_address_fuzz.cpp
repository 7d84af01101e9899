// Addresses and networks of the configuration: an address prints as one that reads the same, a network holds the
// address that it is written with.
#include "net/address.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse::net;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto address = Address::parse(text)) {
    if (Address::parse(address->text()) != address) std::abort();
    address->isLoopback();
  }
  if (const auto network = Network::parse(text)) {
    const Address written{text.substr(0, text.find('/')), 25, {}};
    if (!network->contains(written)) std::abort();
  }
  return 0;
}
