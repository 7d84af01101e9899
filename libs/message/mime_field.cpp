// Content-Type and its kin: RFC 2045 §5, RFC 2183, RFC 2231.
#include "message/mime_field.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <unordered_map>

#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/lexical.h"

namespace posthouse::message {

namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

/// token = 1*<any CHAR except SPACE, CTLs or tspecials>, and 8-bit octets beside
constexpr bool isTokenOctet(char c) noexcept {
  return c != ' ' && !ascii::isControl(c) && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

/// One "name*2*=value" as it stands.
struct Segment {
  std::string name;
  unsigned number = 0;
  bool encoded = false;  // ends in "*"
  std::string value;
};

/// A value that is no quoted string: up to the ";" or a comment, blanks inside of it kept, as file names have them.
std::string bareValue(Cursor& in) {
  std::string value;
  while (!in.atEnd() && in.peek() != ';') {
    const char c = in.takeOctets(1).front();
    if (isFoldingBlank(c) && in.peek() == '(') break;
    if (c != '\r' && c != '\n') value += c;
  }
  return std::string(ascii::trimBlanks(value));
}

/// parameter = attribute ["*" section] ["*"] "=" value                        RFC 2231 §7
std::optional<Segment> parameterSegment(Cursor& in) {
  skipCfws(in);
  std::string name = ascii::toLower(in.takeWhile([](char c) { return isTokenOctet(c) || c == '/'; }));
  skipCfws(in);
  if (name.empty() || !in.take("=")) return std::nullopt;
  skipCfws(in);
  Segment segment;
  if (name.ends_with('*')) {
    segment.encoded = true;
    name.pop_back();
  }
  if (const std::size_t star = name.rfind('*'); star != std::string::npos && star > 0) {
    const auto [end, error] = std::from_chars(name.data() + star + 1, name.data() + name.size(), segment.number);
    if (error == std::errc{} && end == name.data() + name.size()) name.resize(star);
  }
  if (name.empty()) return std::nullopt;
  segment.name = std::move(name);
  segment.value = in.peek() == '"' ? takeQuotedString(in) : bareValue(in);
  return segment;
}

std::string percentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (ascii::isAlnum(c) || c == '.' || c == '-' || c == '_') {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHexDigits[static_cast<unsigned char>(c) >> 4];
      encoded += kHexDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  return encoded;
}

std::string percentDecoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && ascii::isHexDigit(text[i + 1]) && ascii::isHexDigit(text[i + 2])) {
      unsigned octet = 0;
      std::from_chars(text.data() + i + 1, text.data() + i + 3, octet, 16);
      decoded += static_cast<char>(octet);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

/// Puts the sections of one parameter together. If one is encoded, all become so.
Parameter joined(std::span<const Segment> sections) {
  Parameter parameter{sections.front().name, {}, std::ranges::any_of(sections, &Segment::encoded)};
  if (parameter.extended && !sections.front().encoded) parameter.value = "''";
  for (const Segment& section : sections) {
    parameter.value += parameter.extended && !section.encoded ? percentEncoded(section.value) : section.value;
  }
  return parameter;
}

/// *(";" parameter)
std::vector<Parameter> parameters(Cursor& in) {
  std::vector<Segment> segments;
  while (segments.size() < kMaxParameters) {
    in.takeWhile([](char c) { return c != ';'; });
    if (!in.take(";")) break;
    if (auto segment = parameterSegment(in)) segments.push_back(std::move(*segment));
  }
  std::vector<std::vector<Segment>> groups;  // of one name each, in the order in which the names come
  std::unordered_map<std::string_view, std::size_t> groupOf;
  for (const Segment& segment : segments) {
    const auto [known, isNew] = groupOf.try_emplace(segment.name, groups.size());
    if (isNew) groups.emplace_back();
    std::vector<Segment>& sections = groups[known->second];
    const bool repeated = std::ranges::find(sections, segment.number, &Segment::number) != sections.end();
    // "filename" and "filename*" beside each other say the same twice: the one that names its charset is kept.
    if (repeated && segment.encoded && sections.size() == 1 && !sections.front().encoded) sections.clear();
    if (!repeated || sections.empty()) sections.push_back(segment);
  }
  std::vector<Parameter> list;
  for (std::vector<Segment>& sections : groups) {
    std::ranges::sort(sections, {}, &Segment::number);
    list.push_back(joined(sections));
  }
  return list;
}

const Parameter* find(const std::vector<Parameter>& list, std::string_view name) noexcept {
  const auto found = std::ranges::find(list, name, &Parameter::name);
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

std::string Parameter::text() const {
  if (!extended) return decodeEncodedWords(value);
  const std::size_t charsetEnd = value.find('\'');
  const std::size_t languageEnd = charsetEnd == std::string::npos ? charsetEnd : value.find('\'', charsetEnd + 1);
  if (languageEnd == std::string::npos) return toUtf8(percentDecoded(value), "utf-8");
  return toUtf8(percentDecoded(std::string_view(value).substr(languageEnd + 1)),
                std::string_view(value).substr(0, charsetEnd));
}

const Parameter* MediaType::parameter(std::string_view name) const noexcept {
  return find(parameters, name);
}
const Parameter* Disposition::parameter(std::string_view name) const noexcept {
  return find(parameters, name);
}

std::optional<MediaType> parseContentType(std::string_view value) {
  Cursor in(value);
  MediaType media;
  skipCfws(in);
  media.type = ascii::toLower(in.takeWhile(isTokenOctet));
  skipCfws(in);
  if (media.type.empty() || !in.take("/")) return std::nullopt;
  skipCfws(in);
  media.subtype = ascii::toLower(in.takeWhile(isTokenOctet));
  if (media.subtype.empty()) return std::nullopt;
  media.parameters = parameters(in);
  return media;
}

std::optional<Disposition> parseContentDisposition(std::string_view value) {
  Cursor in(value);
  Disposition disposition;
  skipCfws(in);
  disposition.type = ascii::toLower(in.takeWhile(isTokenOctet));
  if (disposition.type.empty()) return std::nullopt;
  disposition.parameters = parameters(in);
  return disposition;
}

std::string parseTransferEncoding(std::string_view value) {
  Cursor in(value);
  skipCfws(in);
  const std::string_view token = in.takeWhile(isTokenOctet);
  return token.empty() ? "7bit" : ascii::toLower(token);
}

std::vector<std::string> parseLanguages(std::string_view value) {
  std::vector<std::string> languages;
  Cursor in(value);
  while (!in.atEnd() && languages.size() < kMaxParameters) {
    skipCfws(in);
    const std::string_view tag = in.takeWhile(isTokenOctet);
    if (!tag.empty()) languages.emplace_back(tag);
    in.takeWhile([](char c) { return c != ','; });
    in.take(",");
  }
  return languages;
}

}  // namespace posthouse::message
