#include "base/octet_block.h"

#include <catch2/catch.hpp>
#include <string>

using posthouse::OctetBlock;

TEST_CASE("a block tells where an octet is", "[base]") {
  for (std::size_t at = 0; at < OctetBlock::kSize; ++at) {
    CAPTURE(at);
    std::string octets(OctetBlock::kSize, 'x');
    octets[at] = '\r';
    CHECK(OctetBlock(octets.data()).equal('\r') == std::uint64_t{1} << at);
    CHECK(OctetBlock(octets.data()).eightBit() == 0);
    octets[at] = '\xE4';
    CHECK(OctetBlock(octets.data()).equal('\xE4') == std::uint64_t{1} << at);
    CHECK(OctetBlock(octets.data()).eightBit() == std::uint64_t{1} << at);
  }
}
