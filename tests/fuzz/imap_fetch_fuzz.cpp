// FETCH items: what is read is within its bounds, and its label reads as the same section again.
#include "imap/fetch.h"

#include <cstdint>
#include <cstdlib>

using namespace posthouse;
using namespace posthouse::imap;

namespace {

void checkBody(const fetch::Body& body) {
  if (body.section.part.size() > kMaxSectionParts || body.section.fields.size() > kMaxHeaderFields) std::abort();
  if (!body.label.starts_with("BODY[")) return;  // RFC822 and its kin
  std::string again = toLabel(body.section, std::nullopt);
  if (body.partial)
    again += "<" + std::to_string(body.partial->offset) + "." + std::to_string(body.partial->count) + ">";
  Cursor in(again);
  const auto items = fetchItems(in);
  const auto* read = items.size() == 1 ? std::get_if<fetch::Body>(&items[0]) : nullptr;
  if (!read || !in.atEnd() || read->section != body.section || read->partial != body.partial) std::abort();
  if (read->label != body.label) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<FetchItem> items;
  try {
    Cursor in({reinterpret_cast<const char*>(data), size});
    items = fetchItems(in);
  } catch (const SyntaxError&) {
    return 0;
  }
  if (items.empty() || items.size() > kMaxFetchItems) std::abort();
  for (const FetchItem& item : items) {
    if (const auto* body = std::get_if<fetch::Body>(&item)) checkBody(*body);
  }
  return 0;
}
