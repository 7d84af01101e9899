// BODY[...] of a message, the section on the input's first line: what it selects lies inside of the message, a partial
// cuts octets and stretches alike, and the header's parts put together again are the header.
#include <cstdint>
#include <cstdlib>

#include "base/cursor.h"
#include "imap/fetch.h"
#include "message/header.h"
#include "message_octets.h"
#include "sections.h"

using namespace posthouse;
using namespace posthouse::imapd;

namespace {

std::optional<imap::fetch::Body> bodyItem(std::string_view line) try {
  const std::string text = "BODY.PEEK[" + std::string(line);
  Cursor in(text);
  const auto items = imap::fetchItems(in);
  if (items.size() != 1 || !std::holds_alternative<imap::fetch::Body>(items[0])) return std::nullopt;
  return std::get<imap::fetch::Body>(items[0]);
} catch (const SyntaxError&) {
  return std::nullopt;
}

void checkCuts(std::string_view octets, Stretch stretch, const std::optional<imap::Partial>& partial) {
  const Stretch left = cut(stretch, partial);
  if (left.offset < stretch.offset || left.offset + left.count > stretch.offset + stretch.count) std::abort();
  const std::string_view whole = octets.substr(stretch.offset, stretch.count);
  const std::string_view part = cut(whole, partial);
  if (part != octets.substr(left.offset, left.count)) std::abort();
  if (partial ? part.size() > partial->count : part != whole) std::abort();
}

void checkHeader(const imap::Section& section, std::string_view header) {
  const std::string selected = headerOf(section, header);
  if (section.text == imap::Section::Text::header) {
    if (selected != header) std::abort();
    return;
  }
  imap::Section opposite = section;
  opposite.text = section.text == imap::Section::Text::headerFields ? imap::Section::Text::headerFieldsNot
                                                                    : imap::Section::Text::headerFields;
  const std::string others = headerOf(opposite, header);
  const std::string_view end = message::Header(header).emptyLine();
  if (!selected.ends_with(end) || selected.size() + others.size() != header.size() + end.size()) std::abort();
  for (const message::Field& field : message::Header(selected)) {
    if (!header.contains(field.whole)) std::abort();
  }
}

void checkStretch(const imap::fetch::Body& item, std::string_view octets) {
  store::Summary summary{};
  summary.size = static_cast<std::uint32_t>(octets.size());
  summary.headerSize = static_cast<std::uint32_t>(message::Header::of(octets).size());
  const Stretch stretch = stretchOf(item.section, std::nullopt, summary);
  const bool isText = item.section.text == imap::Section::Text::text;
  if (stretch.offset != (isText ? headerOctets(summary) : 0)) std::abort();
  if (stretch.offset + stretch.count != octets.size()) std::abort();
  const Stretch left = stretchOf(item.section, item.partial, summary);
  const Stretch same = cut(stretch, item.partial);
  if (left.offset != same.offset || left.count != same.count) std::abort();
  checkCuts(octets, stretch, item.partial);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view line = input.substr(0, input.find('\n'));
  const std::string_view octets = input.substr(std::min(size, line.size() + 1));
  const auto item = bodyItem(line);
  if (!item) return 0;
  switch (reachOf(item->section)) {
    case Reach::header:
      checkHeader(item->section, message::Header::of(octets).octets());
      break;
    case Reach::stretch:
      checkStretch(*item, octets);
      break;
    case Reach::tree:
      const auto range = partRange(item->section, message::parseMime(octets));
      if (!range) break;
      if (range->end() > octets.size()) std::abort();
      if (isOfHeader(item->section)) checkHeader(item->section, range->of(octets));
      checkCuts(octets, {range->offset, range->size}, item->partial);
      break;
  }
  return 0;
}
