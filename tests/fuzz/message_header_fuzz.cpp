// The fields and the empty line are the header, octet for octet; what is not selected is selected by NOT; encoded words
// decode to UTF-8 and what is encoded is decoded to the same.
#include <cstdlib>

#include "base/utf8.h"
#include "message/encoded_word.h"
#include "message/envelope.h"
#include "message/header.h"
#include "support/imap_syntax.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const message::Header header = message::Header::of(octets);
  std::string joined;
  for (const message::Field& field : header) joined += field.whole;
  joined += header.emptyLine();
  if (joined != header.octets() || !octets.starts_with(joined)) std::abort();
  const std::vector<std::string> names = {"to", "subject"};
  const std::size_t both = selectFields(header, names).size() + selectFieldsNot(header, names).size();
  if (both != header.size() + header.emptyLine().size()) std::abort();
  if (!test::isImapList(message::renderEnvelope(header))) std::abort();
  const std::string decoded = message::decodeEncodedWords(octets);
  if (!utf8::isValid(decoded)) std::abort();
  if (message::decodeEncodedWords(message::encodeWords(decoded)) != decoded) std::abort();
  return 0;
}
