// Sections of a message, as BODY[...] names them: every range lies inside of the message, a part's header and content
// are one stretch, and no path is long enough to lead out of the tree.
#include "message/section.h"

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "message/mime.h"

using namespace posthouse::message;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5) return 0;
  std::vector<std::uint32_t> path;
  for (std::size_t i = 0; i < 4 && data[i] != 0xFF; ++i) path.push_back(data[i] % 5);
  const std::string_view message(reinterpret_cast<const char*>(data) + 4, size - 4);
  const Part root = parseMime(message);
  const Part* part = path.empty() ? &root : findPart(root, path);
  for (const SectionPart what : {SectionPart::content, SectionPart::header, SectionPart::text, SectionPart::mime}) {
    const auto range = findSection(root, path, what);
    if (range && (range->end() > message.size() || part == nullptr)) std::abort();
    if (range && !path.empty() && what != SectionPart::mime &&
        (range->offset < part->body.offset || range->end() > part->body.end())) {
      std::abort();
    }
  }
  if (!path.empty() && part != nullptr) {
    if (findSection(root, path, SectionPart::mime) != part->header) std::abort();
    if (findSection(root, path, SectionPart::content) != part->body) std::abort();
  }
  const auto header = findSection(root, {}, SectionPart::header);
  const auto text = findSection(root, {}, SectionPart::text);
  if (!header || !text || header->offset != 0 || header->end() != text->offset || text->end() != message.size())
    std::abort();
  return 0;
}
