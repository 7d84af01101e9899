// Transfer encodings, RFC 2045 §6.7 and §6.8.
#include "message/transfer_encoding.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/base64_groups.h"

namespace posthouse::message {

namespace {

constexpr std::string_view kBase64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHexDigits = "0123456789ABCDEF";
constexpr std::size_t kMaxLine = 76;
constexpr std::uint8_t kForeign = 0xff;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kForeign);
  for (std::size_t i = 0; i < kBase64Alphabet.size(); ++i) {
    values[static_cast<unsigned char>(kBase64Alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint8_t valueAt(std::string_view text, std::size_t i) noexcept {
  return kValues[static_cast<unsigned char>(text[i])];
}

/// Writes three octets over what is at `position`, and gives the position after them.
std::size_t putGroup(std::string& out, std::size_t position, std::uint32_t group) noexcept {
  out[position] = static_cast<char>(group >> 16);
  out[position + 1] = static_cast<char>(group >> 8);
  out[position + 2] = static_cast<char>(group);
  return position + 3;
}

unsigned hexValue(char c) {
  return ascii::isDigit(c) ? c - '0' : ascii::toUpper(c) - 'A' + 10;
}

}  // namespace

TransferEncoding transferEncoding(std::string_view token) noexcept {
  if (ascii::equalsIgnoringCase(token, "base64")) return TransferEncoding::base64;
  if (ascii::equalsIgnoringCase(token, "quoted-printable")) return TransferEncoding::quotedPrintable;
  return TransferEncoding::identity;
}

void Base64Decoder::decode(std::string_view encoded, std::string& appendTo) {
  std::size_t written = appendTo.size();
  appendTo.resize(written + encoded.size() / 4 * 3 + 6 + base64::kSpare);
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (digits_ == 0) {
      // Whole groups at once, which is what nearly all of a body is.
      const std::size_t groups = base64::decodeGroups(encoded.substr(i), appendTo.data() + written);
      i += groups;
      written += groups / base64::kGroup * base64::kGroupOctets;
      if (i == encoded.size()) break;
    }
    const std::uint8_t value = valueAt(encoded, i);
    if (value != kForeign) {
      group_ = group_ << 6 | value;
      if (++digits_ == 4) {
        written = putGroup(appendTo, written, group_);
        group_ = 0;
        digits_ = 0;
      }
    } else if (encoded[i] == '=' && digits_ > 0) {
      std::string last;
      finish(last);
      written += last.copy(appendTo.data() + written, last.size());
    }
  }
  appendTo.resize(written);
}

void Base64Decoder::finish(std::string& appendTo) {
  if (digits_ == 3) appendTo += static_cast<char>(group_ >> 10);
  if (digits_ == 3) appendTo += static_cast<char>(group_ >> 2);
  if (digits_ == 2) appendTo += static_cast<char>(group_ >> 4);
  group_ = 0;
  digits_ = 0;
}

void QuotedPrintableDecoder::decode(std::string_view encoded, std::string& appendTo) {
  for (const char c : encoded) {
    const bool waiting = !pending_.empty();
    if (!waiting && c != '=' && !ascii::isBlank(c)) {
      appendTo += c;
      continue;
    }
    if (c == '=' && waiting) resolve(appendTo, false);
    if (c == '\r' && waiting && pending_.back() == '\r') resolve(appendTo, false);
    pending_ += c;
    const char first = pending_.front();
    const bool blankRun = ascii::isBlank(first) && (ascii::isBlank(c) || c == '\r');
    if (first == '=') {
      const std::size_t size = pending_.size();
      const bool softBlank = size >= 2 && (ascii::isBlank(pending_[1]) || pending_[1] == '\r');
      const bool undecided =
          size == 1 || (softBlank && (ascii::isBlank(c) || c == '\r')) || (size == 2 && ascii::isHexDigit(pending_[1]));
      if (!undecided) resolve(appendTo, false);
    } else if (!blankRun) {
      resolve(appendTo, false);
    }
  }
}

void QuotedPrintableDecoder::finish(std::string& appendTo) {
  resolve(appendTo, true);
}

/// Appends what the pending octets mean.
void QuotedPrintableDecoder::resolve(std::string& appendTo, bool atEnd) {
  if (pending_.empty()) return;
  const std::string_view text = pending_;
  const bool endsLine = text.ends_with('\n');
  if (text.front() == '=') {
    if (text.size() >= 3 && ascii::isHexDigit(text[1]) && ascii::isHexDigit(text[2])) {
      appendTo += static_cast<char>(hexValue(text[1]) << 4 | hexValue(text[2]));
    } else if (text.find_first_not_of(" \t\r\n", 1) != std::string_view::npos || (!endsLine && !atEnd)) {
      appendTo += text;  // no encoding: as it is
    }
  } else if (endsLine || atEnd) {
    appendTo += text.substr(std::min(text.find_first_of("\r\n"), text.size()));
  } else {
    appendTo += text;
  }
  pending_.clear();
}

std::string decodeBody(TransferEncoding encoding, std::string_view body) {
  std::string octets;
  if (encoding == TransferEncoding::base64) {
    Base64Decoder decoder;
    decoder.decode(body, octets);
    decoder.finish(octets);
  } else if (encoding == TransferEncoding::quotedPrintable) {
    QuotedPrintableDecoder decoder;
    decoder.decode(body, octets);
    decoder.finish(octets);
  } else {
    octets = body;
  }
  return octets;
}

std::string encodeBase64Lines(std::string_view octets) {
  constexpr std::size_t kOctetsPerLine = kMaxLine / 4 * 3;
  std::string lines;
  lines.reserve(octets.size() / 3 * 4 + octets.size() / kOctetsPerLine * 2 + 8);
  for (std::size_t i = 0; i < octets.size(); i += kOctetsPerLine) {
    lines += base64::encode(octets.substr(i, kOctetsPerLine));
    lines += "\r\n";
  }
  return lines;
}

std::string encodeQuotedPrintable(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\r\n")) {
      out += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    const char c = text[i];
    const bool lineEnds = i + 1 == text.size() || text.substr(i + 1).starts_with("\r\n");
    const bool plain = (c > ' ' && c < 127 && c != '=') || (ascii::isBlank(c) && !lineEnds);
    // "." alone and "From " at a line's start do not survive every transport (RFC 2049 §3).
    const bool fragile = column == 0 && (c == '.' || c == 'F');
    const std::size_t width = plain && !fragile ? 1 : 3;
    if (column + width > kMaxLine - 1) {
      out += "=\r\n";
      column = 0;
    }
    if (width == 1) {
      out += c;
    } else {
      out += {'=', kHexDigits[static_cast<unsigned char>(c) >> 4], kHexDigits[static_cast<unsigned char>(c) & 15]};
    }
    column += width;
  }
  return out;
}

}  // namespace posthouse::message
