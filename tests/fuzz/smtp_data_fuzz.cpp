// The decoder finds the same in octets however they are cut, and gives back what the encoder was given if that was CRLF
// lines.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "smtp/data_decoder.h"
#include "smtp/data_encoder.h"

using namespace posthouse::smtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 16 + 1;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);

  DataDecoder whole;
  std::string content;
  const std::size_t taken = whole.decode(input, content);

  DataDecoder cut;
  std::string pieced;
  std::size_t at = 0;
  while (at < input.size() && !cut.atEnd()) at += cut.decode(input.substr(at, piece), pieced);
  if (at != taken || pieced != content || cut.atEnd() != whole.atEnd() ||
      cut.sawBareLineEnd() != whole.sawBareLineEnd() || cut.sawNul() != whole.sawNul() ||
      cut.sawEightBit() != whole.sawEightBit()) {
    std::abort();
  }

  std::string wire;
  DataEncoder encoder;
  for (std::size_t i = 0; i < content.size(); i += piece)
    encoder.encode(std::string_view(content).substr(i, piece), wire);
  encoder.finish(wire);
  DataDecoder again;
  std::string decoded;
  if (again.decode(wire, decoded) != wire.size() || !again.atEnd() || again.sawBareLineEnd()) std::abort();
  if (whole.atEnd() && !whole.sawBareLineEnd() && decoded != content) std::abort();
  return 0;
}
