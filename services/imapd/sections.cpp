#include "sections.h"

#include <algorithm>

#include "message/header.h"
#include "message/section.h"
#include "message_octets.h"

namespace posthouse::imapd {
namespace {

using Text = imap::Section::Text;

bool isOfHeader(Text text) {
  return text == Text::header || text == Text::headerFields || text == Text::headerFieldsNot;
}

std::string headerOf(const imap::Section& section, std::string_view octets) {
  if (section.text == Text::headerFields) return message::selectFields(message::Header(octets), section.fields);
  if (section.text == Text::headerFieldsNot) return message::selectFieldsNot(message::Header(octets), section.fields);
  return std::string(octets);
}

message::SectionPart partOf(Text text) {
  switch (text) {
    case Text::whole:
      return message::SectionPart::content;
    case Text::text:
      return message::SectionPart::text;
    case Text::mime:
      return message::SectionPart::mime;
    default:
      return message::SectionPart::header;
  }
}

}  // namespace

Reach reachOf(const imap::Section& section) {
  if (!section.part.empty()) return Reach::tree;
  return isOfHeader(section.text) ? Reach::header : Reach::stretch;
}

Stretch stretchOf(const imap::Section& section, const std::optional<imap::Partial>& partial,
                  const store::Summary& summary) {
  const std::uint64_t begin = section.text == Text::text ? headerOctets(summary) : 0;
  const std::uint64_t size = summary.size - std::min<std::uint64_t>(begin, summary.size);
  if (!partial) return {begin, size};
  const std::uint64_t skipped = std::min<std::uint64_t>(partial->offset, size);
  return {begin + skipped, std::min<std::uint64_t>(partial->count, size - skipped)};
}

std::optional<std::string> sectionOctets(const imap::Section& section, std::string_view octets,
                                         const message::Part* tree) {
  if (!tree) return headerOf(section, octets);
  const auto range = message::findSection(*tree, section.part, partOf(section.text));
  if (!range) return std::nullopt;
  if (isOfHeader(section.text)) return headerOf(section, range->of(octets));
  return std::string(range->of(octets));
}

std::string_view cut(std::string_view octets, const std::optional<imap::Partial>& partial) {
  if (!partial) return octets;
  return octets.substr(std::min<std::size_t>(partial->offset, octets.size()), partial->count);
}

}  // namespace posthouse::imapd
