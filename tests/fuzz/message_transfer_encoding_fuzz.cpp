// Base64 and quoted-printable: the same comes out however the input is cut; what is encoded decodes to what it was, in
// lines of 76 printable characters.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/ascii.h"
#include "message/transfer_encoding.h"

using namespace posthouse;

namespace {

template <class Decoder>
std::string decoded(std::string_view encoded, std::size_t piece) {
  Decoder decoder;
  std::string octets;
  for (std::size_t i = 0; i < encoded.size(); i += piece) decoder.decode(encoded.substr(i, piece), octets);
  decoder.finish(octets);
  return octets;
}

bool isTransportable(std::string_view lines) {
  std::size_t length = 0;
  for (const char c : lines) {
    length = c == '\n' ? 0 : length + 1;
    if (length > 77 || ascii::isEightBit(c)) return false;  // with the CR
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using message::TransferEncoding;
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 8 + 1;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (decoded<message::Base64Decoder>(input, piece) != message::decodeBody(TransferEncoding::base64, input))
    std::abort();
  if (decoded<message::QuotedPrintableDecoder>(input, piece) !=
      message::decodeBody(TransferEncoding::quotedPrintable, input)) {
    std::abort();
  }
  const std::string lines = message::encodeBase64Lines(input);
  if (!isTransportable(lines) || message::decodeBody(TransferEncoding::base64, lines) != input) std::abort();
  const std::string text = message::encodeQuotedPrintable(input);
  if (!isTransportable(text) || message::decodeBody(TransferEncoding::quotedPrintable, text) != input) std::abort();
  return 0;
}
