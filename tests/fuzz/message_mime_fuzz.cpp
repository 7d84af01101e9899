// Any octets are a message: its ranges are sound, and what is rendered of it is valid IMAP.
#include <cstdlib>

#include "message/bodystructure.h"
#include "message/summary.h"
#include "support/imap_syntax.h"
#include "support/part_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const message::Part root = message::parseMime(octets);
  if (!test::isSound(root) || root.whole() != message::Range{0, size}) std::abort();
  const message::Summary summary = message::summarize(octets, root);
  if (!test::isImapList(summary.envelope) || !test::isImapList(summary.bodyStructure)) std::abort();
  if (!test::isImapList(message::bodyOf(summary.bodyStructure))) std::abort();
  for (const message::Part& part : root.parts) {
    message::decodedText(octets, part);
    message::fileName(part);
  }
  return 0;
}
