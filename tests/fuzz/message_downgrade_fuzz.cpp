// A surrogate is the same however the message comes in pieces, its header is ASCII, and of ASCII nothing is changed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/is_ascii.h"
#include "message/downgrade.h"
#include "message/header.h"

using namespace posthouse;

namespace {

std::string surrogate(std::string_view octets, std::size_t pieceSize) {
  message::Downgrade downgrade;
  std::string out;
  do {
    const std::string piece(octets.substr(0, pieceSize));
    octets.remove_prefix(piece.size());
    out += downgrade.pass(piece, octets.empty());
  } while (!octets.empty());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  const std::string whole = surrogate(octets, std::max<std::size_t>(size, 1));
  if (!ascii::isAscii(message::Header::of(whole).octets())) std::abort();
  if (ascii::isAscii(octets) && whole != octets) std::abort();
  for (const std::size_t pieceSize : {std::size_t{1}, std::size_t{3}, std::size_t{100}})
    if (size < 4096 && surrogate(octets, pieceSize) != whole) std::abort();
  return 0;
}
