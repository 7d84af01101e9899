// Messages in the making: header fields, RFC 5322 §2.2.3 and RFC 2231.
#include "message/builder.h"

#include "base/ascii.h"
#include "message/encoded_word.h"

namespace posthouse::message {

namespace {

constexpr std::size_t kFoldAt = 78;
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::string oneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  }
  return line;
}

bool isAscii(std::string_view text) {
  for (const char c : text) {
    if (ascii::isEightBit(c)) return false;
  }
  return true;
}

std::string parameterText(const Parameter& parameter) {
  if (isAscii(parameter.value)) {
    std::string quoted = parameter.name + "=\"";
    for (const char c : parameter.value) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    return quoted + '"';
  }
  std::string extended = parameter.name + "*=utf-8''";
  for (const char c : parameter.value) {
    if (ascii::isAlnum(c) || c == '.' || c == '-' || c == '_') {
      extended += c;
    } else {
      extended += {'%', kHexDigits[static_cast<unsigned char>(c) >> 4], kHexDigits[static_cast<unsigned char>(c) & 15]};
    }
  }
  return extended;
}

}  // namespace

/// Folds before the last blank that keeps a line within kFoldAt, or the first there is after it.
void HeaderBuilder::field(std::string_view name, std::string_view value) {
  std::string line = std::string(name) + ":";
  std::string words = oneLine(value);
  std::string_view rest = ascii::trimBlanks(words);
  bool first = true;
  while (first || !rest.empty()) {
    const std::size_t end = std::min(rest.find(' ', 1), rest.size());
    const std::string_view word = rest.substr(0, end);
    const std::size_t width = word.size() + (first ? 1 : 0);
    const bool onlyBlanks = word.find_first_not_of(" \t") == std::string_view::npos;
    if (!first && !onlyBlanks && line.size() + width > kFoldAt) {
      octets_ += line + "\r\n";
      line.clear();
    }
    if (first) line += ' ';
    line += word;
    rest.remove_prefix(end);
    first = false;
  }
  octets_ += line + "\r\n";
}

HeaderBuilder& HeaderBuilder::text(std::string_view name, std::string_view utf8) {
  field(name, encodeWords(oneLine(utf8)));
  return *this;
}

HeaderBuilder& HeaderBuilder::addresses(std::string_view name, std::span<const Address> list) {
  std::vector<Address> encoded(list.begin(), list.end());
  for (Address& address : encoded) {
    std::string& label = address.kind == Address::Kind::groupStart ? address.localPart : address.displayName;
    label = encodeWords(oneLine(label));
  }
  field(name, format(encoded));
  return *this;
}

HeaderBuilder& HeaderBuilder::date(std::string_view name, const Date& date) {
  field(name, formatDate(date));
  return *this;
}

HeaderBuilder& HeaderBuilder::structured(std::string_view name, std::string_view value) {
  field(name, value);
  return *this;
}

HeaderBuilder& HeaderBuilder::parameterized(std::string_view name, std::string_view value,
                                            std::span<const Parameter> parameters) {
  std::string whole(value);
  for (const Parameter& parameter : parameters) whole += "; " + parameterText(parameter);
  field(name, whole);
  return *this;
}

}  // namespace posthouse::message
