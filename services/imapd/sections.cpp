#include "sections.h"

#include <algorithm>

#include "message/header.h"
#include "message/section.h"
#include "message_octets.h"

namespace posthouse::imapd {
namespace {

using Text = imap::Section::Text;

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

bool isOfHeader(const imap::Section& section) {
  return section.text == Text::header || isOfFields(section);
}

bool isOfFields(const imap::Section& section) {
  return section.text == Text::headerFields || section.text == Text::headerFieldsNot;
}

std::string headerOf(const imap::Section& section, std::string_view header) {
  if (section.text == Text::headerFields) return message::selectFields(message::Header(header), section.fields);
  if (section.text == Text::headerFieldsNot) return message::selectFieldsNot(message::Header(header), section.fields);
  return std::string(header);
}

Reach reachOf(const imap::Section& section) {
  if (!section.part.empty()) return Reach::tree;
  return isOfHeader(section) ? Reach::header : Reach::stretch;
}

std::optional<message::Range> partRange(const imap::Section& section, const message::Part& tree) {
  return message::findSection(tree, section.part, partOf(section.text));
}

Stretch cut(Stretch stretch, const std::optional<imap::Partial>& partial) {
  if (!partial) return stretch;
  const std::uint64_t skipped = std::min<std::uint64_t>(partial->offset, stretch.count);
  return {stretch.offset + skipped, std::min<std::uint64_t>(partial->count, stretch.count - skipped)};
}

Stretch stretchOf(const imap::Section& section, const std::optional<imap::Partial>& partial,
                  const store::Summary& summary) {
  const std::uint64_t begin = section.text == Text::text ? headerOctets(summary) : 0;
  return cut({begin, summary.size - std::min<std::uint64_t>(begin, summary.size)}, partial);
}

std::string_view cut(std::string_view octets, const std::optional<imap::Partial>& partial) {
  if (!partial) return octets;
  return octets.substr(std::min<std::size_t>(partial->offset, octets.size()), partial->count);
}

}  // namespace posthouse::imapd
