// Header fields of internationalised messages for who takes ASCII alone, RFC 6857 §3.
#include "message/downgrade_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "base/is_ascii.h"
#include "base/percent.h"
#include "base/utf8.h"
#include "message/builder.h"
#include "message/downgrade_addresses.h"
#include "message/downgrade_words.h"
#include "message/header.h"
#include "message/lexical.h"
#include "message/mime_field.h"

namespace posthouse::message {

namespace {

std::string field(std::string_view name, std::string_view value) {
  return HeaderBuilder().structured(name, value).octets();
}

std::string unstructured(const Field& from) {
  return field(from.name, downgradeText(unfold(from.value)));
}

/// Encapsulation, RFC 6857 §3.1.10.
std::string encapsulated(const Field& from) {
  return field("Downgraded-" + std::string(from.name), downgradeText(unfold(from.value)));
}

std::string onlyInComments(const Field& from) {
  const auto value = withAsciiComments(unfold(from.value));
  return value ? field(from.name, *value) : unstructured(from);
}

std::string messageIds(const Field& from) {
  const auto value = withAsciiComments(unfold(from.value));
  return value ? field(from.name, *value) : encapsulated(from);
}

std::string addresses(const Field& from) {
  const std::string list = downgradeAddresses(unfold(from.value));
  return list.empty() ? unstructured(from) : field(from.name, list);
}

/// Keywords: phrase *("," phrase)
std::string phrases(const Field& from) {
  const std::string value = unfold(from.value);
  Cursor in(value);
  std::string out;
  std::string words;
  const auto finish = [&] {
    out.append(out.empty() ? "" : ", ").append(downgradePhrase(ascii::trimBlanks(words)));
    words.clear();
  };
  while (!in.atEnd()) {
    const std::string_view before = in.rest();
    if (in.take(",")) {
      finish();
    } else if (in.peek() == '"') {
      const std::string inside = takeQuotedString(in);
      words += ascii::isAscii(inside) ? before.substr(0, before.size() - in.rest().size()) : inside;
    } else {
      words += in.takeOctets(1);
    }
  }
  finish();
  return field(from.name, out);
}

/// name*0*=UTF-8''…; name*1*=…, RFC 2231 §4.1. The language stays empty (RFC 6857 §3.1.4).
std::string extended(std::string_view name, std::string_view text) {
  constexpr std::size_t kMaxSection = 50;
  const std::string encoded = (utf8::isValid(text) ? "UTF-8''" : "unknown-8bit''") + percentEncoded(text);
  if (encoded.size() <= kMaxSection) return fmt::format("; {}*={}", name, encoded);
  std::string sections;
  std::string_view rest = encoded;
  for (unsigned number = 0; !rest.empty(); ++number) {
    std::size_t size = std::min(kMaxSection, rest.size());
    const std::size_t percent = rest.substr(0, size).rfind('%');
    if (percent != rest.npos && percent + 2 >= size) size = size < rest.size() ? percent : size;
    sections += fmt::format("; {}*{}*={}", name, number, rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return sections;
}

std::string parameter(const Parameter& parameter) {
  if (!ascii::isAscii(parameter.name)) return {};
  if (!ascii::isAscii(parameter.value))
    return extended(parameter.name, parameter.extended ? parameter.text() : parameter.value);
  if (parameter.extended) return fmt::format("; {}*={}", parameter.name, parameter.value);
  std::string quoted;
  for (const char c : parameter.value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("; {}=\"{}\"", parameter.name, quoted);
}

/// MIME-Value downgrading, RFC 6857 §3.1.4.
std::string parameterized(const Field& from, std::string value, std::span<const Parameter> parameters) {
  if (!ascii::isAscii(value)) return unstructured(from);
  for (const Parameter& each : parameters) value += parameter(each);
  return field(from.name, value);
}

std::string contentType(const Field& from) {
  const auto media = parseContentType(unfold(from.value));
  return media ? parameterized(from, media->type + "/" + media->subtype, media->parameters) : unstructured(from);
}

std::string contentDisposition(const Field& from) {
  const auto disposition = parseContentDisposition(unfold(from.value));
  return disposition ? parameterized(from, disposition->type, disposition->parameters) : unstructured(from);
}

std::string received(const Field& from) {
  return field(from.name, downgradeReceived(unfold(from.value)));
}

std::string typedAddress(const Field& from) {
  const auto address = downgradeTypedAddress(unfold(from.value));
  return address ? field(from.name, *address) : encapsulated(from);
}

using Method = std::string (*)(const Field&);

/// RFC 6857 §3.2; what is not named there is unstructured (§3.2.8).
constexpr std::array<std::pair<std::string_view, Method>, 30> kMethods{{
    {"From", addresses},
    {"Sender", addresses},
    {"To", addresses},
    {"Cc", addresses},
    {"Bcc", addresses},
    {"Reply-To", addresses},
    {"Resent-From", addresses},
    {"Resent-Sender", addresses},
    {"Resent-To", addresses},
    {"Resent-Cc", addresses},
    {"Resent-Bcc", addresses},
    {"Resent-Reply-To", addresses},
    {"Return-Path", addresses},
    {"Disposition-Notification-To", addresses},
    {"Date", onlyInComments},
    {"Resent-Date", onlyInComments},
    {"MIME-Version", onlyInComments},
    {"Content-ID", onlyInComments},
    {"Content-Transfer-Encoding", onlyInComments},
    {"Content-Language", onlyInComments},
    {"Accept-Language", onlyInComments},
    {"Auto-Submitted", onlyInComments},
    {"Message-ID", messageIds},
    {"Resent-Message-ID", messageIds},
    {"In-Reply-To", messageIds},
    {"References", messageIds},
    {"Received", received},
    {"Content-Type", contentType},
    {"Content-Disposition", contentDisposition},
    {"Keywords", phrases},
}};

}  // namespace

std::string downgradeField(std::string_view whole) {
  const Header lines(whole);
  const Field from = *lines.begin();
  if (from.name.empty()) return downgradeText(unfold(from.value)) + "\r\n";
  const auto method = std::ranges::find_if(
      kMethods, [&](const auto& each) { return ascii::equalsIgnoringCase(each.first, from.name); });
  return method == kMethods.end() ? unstructured(from) : method->second(from);
}

std::string downgradeStatusField(std::string_view whole) {
  const Header lines(whole);
  const Field from = *lines.begin();
  const bool isTypedAddress = ascii::equalsIgnoringCase(from.name, "Original-Recipient") ||
                              ascii::equalsIgnoringCase(from.name, "Final-Recipient");
  return isTypedAddress ? typedAddress(from) : downgradeField(whole);
}

}  // namespace posthouse::message
