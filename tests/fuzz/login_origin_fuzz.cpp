// What is read as a network is written as it is read again, holds itself, and is within every larger one.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "defence/origin.h"

using namespace posthouse::accountd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto block = Block::parse({reinterpret_cast<const char*>(data), size});
  if (!block) return 0;
  const auto again = Block::parse(block->text());
  if (!again || again->text() != block->text() || again->bits() != block->bits()) std::abort();
  for (const unsigned bits : {0U, 1U, 24U, 31U, 33U, 48U, 64U, 127U}) {
    const Block larger = block->within(bits);
    if (larger.bits() > block->bits() || larger.within(bits).text() != larger.text()) std::abort();
    if (!Block::parse(larger.text())) std::abort();
  }
  const Origin origin(*block);
  if (origin.narrow.empty() || origin.wide.empty()) std::abort();
  return 0;
}
