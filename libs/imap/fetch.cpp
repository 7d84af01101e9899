// FETCH items and sections, RFC 3501 §6.4.5 and §9.
#include "imap/fetch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "imap/grammar.h"
#include "imap/response.h"

namespace posthouse::imap {
namespace {

/// header-list = "(" header-fld-name *(SP header-fld-name) ")"
std::vector<std::string> headerList(Cursor& in) {
  std::vector<std::string> fields;
  in.expect("(");
  do {
    if (fields.size() == kMaxHeaderFields) throw SyntaxError("too many header fields");
    fields.push_back(grammar::astring(in));
  } while (in.take(" "));
  in.expect(")");
  return fields;
}

/// section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
bool sectionMsgtext(Cursor& in, Section& section) {
  if (in.take("HEADER.FIELDS")) {
    section.text = in.take(".NOT") ? Section::Text::headerFieldsNot : Section::Text::headerFields;
    grammar::space(in);
    section.fields = headerList(in);
    return true;
  }
  if (in.take("HEADER")) {
    section.text = Section::Text::header;
    return true;
  }
  if (in.take("TEXT")) {
    section.text = Section::Text::text;
    return true;
  }
  return false;
}

/// section-text = section-msgtext / "MIME"
void sectionText(Cursor& in, Section& section) {
  if (sectionMsgtext(in, section)) return;
  in.expect("MIME");
  section.text = Section::Text::mime;
}

/// section-spec = section-msgtext / (section-part ["." section-text]); section-part = nz-number *("." nz-number)
void sectionSpec(Cursor& in, Section& section) {
  if (sectionMsgtext(in, section)) return;
  do {
    if (!ascii::isDigit(in.peek()) && !section.part.empty()) return sectionText(in, section);
    if (section.part.size() == kMaxSectionParts) throw SyntaxError("a section is too deep");
    section.part.push_back(grammar::nzNumber(in));
  } while (in.take("."));
}

/// section = "[" [section-spec] "]"
Section section(Cursor& in) {
  Section section;
  in.expect("[");
  if (in.take("]")) return section;
  sectionSpec(in, section);
  in.expect("]");
  return section;
}

std::optional<Partial> partial(Cursor& in) {
  if (!in.take("<")) return std::nullopt;
  const auto offset = in.number<std::uint32_t>();
  in.expect(".");
  const std::uint32_t count = grammar::nzNumber(in);
  in.expect(">");
  return Partial{offset, count};
}

FetchItem bodySection(Cursor& in, bool peek) {
  fetch::Body body{.section = section(in), .partial = partial(in), .peek = peek, .label = {}};
  body.label = toLabel(body.section, body.partial);
  return body;
}

FetchItem rfc822(Section::Text text, bool peek, std::string label) {
  return fetch::Body{
      .section = {.part = {}, .text = text, .fields = {}}, .partial = {}, .peek = peek, .label = std::move(label)};
}

/// fetch-att, the longer of two that begin alike first
FetchItem fetchAtt(Cursor& in) {
  if (in.take("ENVELOPE")) return fetch::Envelope{};
  if (in.take("FLAGS")) return fetch::Flags{};
  if (in.take("INTERNALDATE")) return fetch::InternalDate{};
  if (in.take("RFC822.SIZE")) return fetch::Size{};
  if (in.take("RFC822.HEADER")) return rfc822(Section::Text::header, true, "RFC822.HEADER");
  if (in.take("RFC822.TEXT")) return rfc822(Section::Text::text, false, "RFC822.TEXT");
  if (in.take("RFC822")) return rfc822(Section::Text::whole, false, "RFC822");
  if (in.take("UID")) return fetch::Uid{};
  if (in.take("BODYSTRUCTURE")) return fetch::BodyStructure{.extensible = true};
  if (in.take("BODY.PEEK")) return bodySection(in, true);
  if (!in.take("BODY")) throw SyntaxError("unknown FETCH item");
  if (in.peek() == '[') return bodySection(in, false);
  return fetch::BodyStructure{.extensible = false};
}

}  // namespace

/// "ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"
std::vector<FetchItem> fetchItems(Cursor& in) {
  using namespace fetch;
  if (in.take("ALL")) return {Flags{}, InternalDate{}, Size{}, Envelope{}};
  if (in.take("FULL")) return {Flags{}, InternalDate{}, Size{}, Envelope{}, BodyStructure{.extensible = false}};
  if (in.take("FAST")) return {Flags{}, InternalDate{}, Size{}};
  if (!in.take("(")) return {fetchAtt(in)};
  std::vector<FetchItem> items;
  do {
    if (items.size() == kMaxFetchItems) throw SyntaxError("too many FETCH items");
    items.push_back(fetchAtt(in));
  } while (in.take(" "));
  in.expect(")");
  return items;
}

std::string toLabel(const Section& section, const std::optional<Partial>& partial) {
  std::string label = fmt::format("BODY[{}", fmt::join(section.part, "."));
  if (section.text != Section::Text::whole && !section.part.empty()) label += '.';
  switch (section.text) {
    case Section::Text::whole:
      break;
    case Section::Text::header:
      label += "HEADER";
      break;
    case Section::Text::headerFields:
      label += "HEADER.FIELDS";
      break;
    case Section::Text::headerFieldsNot:
      label += "HEADER.FIELDS.NOT";
      break;
    case Section::Text::text:
      label += "TEXT";
      break;
    case Section::Text::mime:
      label += "MIME";
      break;
  }
  for (std::size_t i = 0; i < section.fields.size(); ++i) {
    label += i == 0 ? " (" : " ";
    appendAstring(label, section.fields[i]);
  }
  label += section.fields.empty() ? "]" : ")]";
  if (partial) label += fmt::format("<{}>", partial->offset);
  return label;
}

}  // namespace posthouse::imap
