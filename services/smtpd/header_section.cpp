// Header fields as octets, RFC 5322 §2.2.
#include "header_section.h"

#include <algorithm>

#include "base/ascii.h"

namespace posthouse::smtpd {
namespace {

/// The line that `text` begins with, its CRLF included.
std::string_view lineOf(std::string_view text) {
  const std::size_t end = text.find("\r\n");
  return end == std::string_view::npos ? text : text.substr(0, end + 2);
}

/// field-name = 1*ftext; ftext = %d33-57 / %d59-126 (§3.6.8). Blanks before the colon are obsolete, but read (§4.5.8).
std::string_view nameOf(std::string_view line) {
  const std::string_view name = ascii::trimBlanks(line.substr(0, line.find(':')));
  const bool isField = !name.empty() && line.contains(':') && !ascii::isBlank(line.front()) &&
                       std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; });
  return isField ? name : std::string_view();
}

}  // namespace

std::string_view headerSection(std::string_view message) {
  if (message.starts_with("\r\n")) return {};
  const std::size_t end = message.find("\r\n\r\n");
  return end == std::string_view::npos ? message : message.substr(0, end + 2);
}

std::vector<FieldText> fieldsOf(std::string_view section) {
  std::vector<FieldText> fields;
  while (!section.empty()) {
    const std::string_view first = lineOf(section);
    std::size_t size = first.size();
    while (size < section.size() && ascii::isBlank(section[size])) size += lineOf(section.substr(size)).size();
    fields.push_back({nameOf(first), section.substr(0, size)});
    section.remove_prefix(size);
  }
  return fields;
}

std::size_t countFields(const std::vector<FieldText>& fields, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields, [&](const FieldText& field) { return ascii::equalsIgnoringCase(field.name, name); }));
}

}  // namespace posthouse::smtpd
