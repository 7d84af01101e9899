// MIME entities in the making, RFC 2045 and 2046.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/ascii.h"
#include "message/builder.h"
#include "message/header.h"
#include "message/transfer_encoding.h"

namespace posthouse::message {

namespace {

constexpr std::size_t kMaxPlainLine = 998;  // RFC 5322 §2.1.1
constexpr std::string_view kBoundaryStart = "=_part_";

bool isSevenBit(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return ascii::isEightBit(c); });
}

/// Text with CRLF at the end of each line, whatever it had.
std::string canonicalLines(std::string_view text) {
  std::string lines;
  lines.reserve(text.size() + text.size() / 40);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) lines += '\r';
    lines += text[i];
  }
  return lines;
}

/// 7bit: short lines of ASCII, no NUL, CR and LF together only (RFC 2045 §2.7).
bool isPlain(std::string_view lines) {
  std::size_t lineStart = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const char c = lines[i];
    if (c == '\0' || ascii::isEightBit(c) || (c == '\r' && !lines.substr(i).starts_with("\r\n"))) return false;
    if (c == '\n') lineStart = i + 1;
    if (i - lineStart > kMaxPlainLine) return false;
  }
  return true;
}

Entity withFields(std::string_view type, std::span<const Parameter> parameters, std::string_view encoding,
                  std::string body) {
  HeaderBuilder fields;
  fields.parameterized("Content-Type", type, parameters);
  fields.structured("Content-Transfer-Encoding", encoding);
  return {fields.octets(), std::move(body)};
}

/// The largest number that makes a boundary of ours in the text, or 0. One walk, however many there are.
std::uint64_t largestNumber(std::string_view text) {
  constexpr std::size_t kMaxDigits = 18;  // longer numbers are never given
  std::uint64_t largest = 0;
  for (std::size_t at = text.find(kBoundaryStart); at != std::string_view::npos; at = text.find(kBoundaryStart, at)) {
    at += kBoundaryStart.size();
    std::uint64_t number = 0;
    const std::string_view digits = text.substr(at, kMaxDigits);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const auto after = static_cast<std::size_t>(end - text.data());
    if (error == std::errc{} && after < text.size() && text[after] == '_') largest = std::max(largest, number);
  }
  return largest;
}

}  // namespace

Entity textEntity(std::string_view utf8, std::string_view subtype) {
  const std::string lines = canonicalLines(utf8);
  const bool plain = isPlain(lines);
  const Parameter charset{"charset", plain ? "us-ascii" : "utf-8", false};
  return withFields("text/" + std::string(subtype), std::span(&charset, 1), plain ? "7bit" : "quoted-printable",
                    plain ? lines : encodeQuotedPrintable(lines));
}

Entity fileEntity(std::string_view octets, std::string_view type, std::string_view fileName) {
  const Parameter name{"filename", std::string(fileName), false};
  Entity file = withFields(type, {}, "base64", encodeBase64Lines(octets));
  HeaderBuilder disposition;
  disposition.parameterized("Content-Disposition", "attachment", std::span(&name, 1));
  file.fields += disposition.octets();
  return file;
}

Entity plainEntity(std::string_view octets, std::string_view type) {
  return withFields(type, {}, isSevenBit(octets) ? "7bit" : "8bit", std::string(octets));
}

Entity messageEntity(std::string_view message) {
  const bool global = !isSevenBit(Header::of(message).octets());
  return plainEntity(message, global ? "message/global" : "message/rfc822");
}

Entity messageHeadersEntity(std::string_view header) {
  return plainEntity(header, isSevenBit(header) ? "text/rfc822-headers" : "message/global-headers");
}

Entity multipartEntity(std::string_view subtype, std::span<const Entity> parts, std::span<const Parameter> parameters) {
  // "=_" cannot occur in base64 or quoted-printable; a number makes it differ from the boundaries inside.
  std::uint64_t used = 0;
  for (const Entity& part : parts) used = std::max({used, largestNumber(part.fields), largestNumber(part.body)});
  const std::string boundary = fmt::format("{}{}_", kBoundaryStart, used + 1);
  std::string body;
  bool sevenBit = true;
  for (const Entity& part : parts) {
    body += "--" + boundary + "\r\n" + part.fields + "\r\n" + part.body;
    body += "\r\n";
    sevenBit = sevenBit && isSevenBit(part.body) && isSevenBit(part.fields);
  }
  body += "--" + boundary + "--\r\n";
  std::vector<Parameter> all(parameters.begin(), parameters.end());
  all.push_back({"boundary", boundary, false});
  return withFields("multipart/" + std::string(subtype), all, sevenBit ? "7bit" : "8bit", std::move(body));
}

std::string buildMessage(const HeaderBuilder& header, const Entity& content) {
  return header.octets() + "MIME-Version: 1.0\r\n" + content.fields + "\r\n" + content.body;
}

}  // namespace posthouse::message
