// Header fields, RFC 5322 §2.2 and RFC 9051 §6.4.5.1.
#include "message/header.h"

#include <algorithm>
#include <unordered_set>

#include "base/ascii.h"

namespace posthouse::message {

namespace {

/// The octets of the first line with its LF.
std::size_t lineSize(std::string_view octets) noexcept {
  const std::size_t end = octets.find('\n');
  return end == std::string_view::npos ? octets.size() : end + 1;
}

/// The octets of an empty line at the beginning, 0 if there is another line.
std::size_t emptyLineSize(std::string_view octets) noexcept {
  return octets.starts_with('\n') ? 1 : octets.starts_with("\r\n") ? 2 : 0;
}

std::string_view withoutLineEnd(std::string_view line) noexcept {
  if (line.ends_with('\n')) {
    line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  return line;
}

constexpr bool isNameOctet(char c) noexcept {
  return c > ' ' && c < 127 && c != ':';
}

Field split(std::string_view whole) noexcept {
  const std::string_view line = withoutLineEnd(whole);
  const std::size_t nameEnd = static_cast<std::size_t>(std::ranges::find_if_not(line, isNameOctet) - line.begin());
  std::size_t colon = nameEnd;
  while (colon < line.size() && ascii::isBlank(line[colon])) ++colon;
  if (nameEnd == 0 || colon == line.size() || line[colon] != ':') return {{}, line, whole};
  return {line.substr(0, nameEnd), line.substr(colon + 1), whole};
}

std::string select(const Header& header, std::span<const std::string> names, bool named) {
  std::unordered_set<std::string> wanted;
  for (const std::string& name : names) wanted.insert(ascii::toLower(name));
  std::string selected;
  for (const Field& field : header) {
    if (wanted.contains(ascii::toLower(field.name)) == named) selected += field.whole;
  }
  selected += header.emptyLine();
  return selected;
}

}  // namespace

std::string unfold(std::string_view value) {
  std::string unfolded;
  unfolded.reserve(value.size());
  while (!value.empty()) {
    const std::size_t size = lineSize(value);
    unfolded += withoutLineEnd(value.substr(0, size));
    value.remove_prefix(size);
  }
  const std::string_view trimmed = ascii::trimBlanks(unfolded);
  if (trimmed.size() == unfolded.size()) return unfolded;
  return std::string(trimmed);
}

Header Header::of(std::string_view message) noexcept {
  std::size_t size = 0;
  while (size < message.size()) {
    const std::string_view rest = message.substr(size);
    if (const std::size_t empty = emptyLineSize(rest)) return {message.substr(0, size + empty), empty};
    size += lineSize(rest);
  }
  return {message, 0};
}

Header::Iterator& Header::Iterator::operator++() noexcept {
  if (rest_.empty()) {
    field_ = {};
    return *this;
  }
  std::size_t size = lineSize(rest_);
  while (size < rest_.size() && ascii::isBlank(rest_[size])) size += lineSize(rest_.substr(size));
  field_ = split(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return *this;
}

Header::Iterator Header::Iterator::operator++(int) noexcept {
  const Iterator before = *this;
  ++*this;
  return before;
}

std::optional<Field> Header::find(std::string_view name) const {
  for (const Field& field : *this) {
    if (ascii::equalsIgnoringCase(field.name, name)) return field;
  }
  return std::nullopt;
}

std::vector<Field> Header::findAll(std::string_view name) const {
  std::vector<Field> found;
  for (const Field& field : *this) {
    if (ascii::equalsIgnoringCase(field.name, name)) found.push_back(field);
  }
  return found;
}

std::optional<std::string> Header::value(std::string_view name) const {
  const auto field = find(name);
  if (!field) return std::nullopt;
  return unfold(field->value);
}

std::string selectFields(const Header& header, std::span<const std::string> names) {
  return select(header, names, true);
}

std::string selectFieldsNot(const Header& header, std::span<const std::string> names) {
  return select(header, names, false);
}

std::size_t countFields(const Header& header, std::string_view name) {
  std::size_t count = 0;
  for (const Field& field : header) count += ascii::equalsIgnoringCase(field.name, name) ? 1 : 0;
  return count;
}

}  // namespace posthouse::message
