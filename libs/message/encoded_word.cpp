// Encoded words, RFC 2047.
#include "message/encoded_word.h"

#include <optional>

#include "base/ascii.h"
#include "base/base64.h"
#include "message/charset.h"
#include "message/transfer_encoding.h"

namespace posthouse::message {

namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

struct EncodedWord {
  std::string charset;
  std::string octets;
  std::size_t size = 0;  // of the word as written
};

/// The Q encoding: "_" is a space, else as quoted-printable (RFC 2047 §4.2).
std::string decodeQ(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (c == '_') c = ' ';
  }
  std::string octets = decodeBody(TransferEncoding::quotedPrintable, spaced + '.');  // "." so that no blank ends a line
  octets.pop_back();
  return octets;
}

/// Where the encoded text that begins at `begin` ends. Subjects have been seen with a bare "?" in a Q word, against RFC
/// 2047 §4.2: it is text, if "?=" follows before a blank or the beginning of another word.
std::optional<std::size_t> encodedTextEnd(std::string_view text, std::size_t begin, bool isQ) {
  std::size_t end = text.find('?', begin);
  while (end != std::string_view::npos && !text.substr(end).starts_with("?=")) {
    if (!isQ || text[end - 1] == '=') return std::nullopt;
    end = text.find_first_of("? \t\r\n", end + 1);
    if (end != std::string_view::npos && text[end] != '?') return std::nullopt;
  }
  return end == std::string_view::npos ? std::nullopt : std::optional(end);
}

/// encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="          RFC 2231 §5
std::optional<EncodedWord> encodedWord(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t charsetEnd = text.find_first_of("? \t", 2);
  if (charsetEnd == std::string_view::npos || text[charsetEnd] != '?' || charsetEnd == 2) return std::nullopt;
  if (text.size() < charsetEnd + 3 || text[charsetEnd + 2] != '?') return std::nullopt;
  const char encoding = ascii::toLower(text[charsetEnd + 1]);
  const auto end = encodedTextEnd(text, charsetEnd + 3, encoding == 'q');
  if (!end) return std::nullopt;
  const std::string_view charset = text.substr(2, charsetEnd - 2);
  const std::string_view content = text.substr(charsetEnd + 3, *end - charsetEnd - 3);
  EncodedWord word{ascii::toLower(charset.substr(0, charset.find('*'))), {}, *end + 2};
  switch (encoding) {
    case 'q':
      word.octets = decodeQ(content);
      break;
    case 'b':
      word.octets = decodeBody(TransferEncoding::base64, content);
      break;
    default:
      return std::nullopt;
  }
  return word;
}

bool needsEncoding(std::string_view text) {
  for (const char c : text) {
    if (ascii::isControl(c) || ascii::isEightBit(c)) return true;
  }
  return text.find("=?") != std::string_view::npos;
}

/// What may stand in a Q word wherever it is used (RFC 2047 §5, rule 3).
constexpr bool isQPlain(char c) noexcept {
  return ascii::isAlnum(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

}  // namespace

std::string decodeEncodedWords(std::string_view text) {
  std::string decoded;
  std::string plain;    // text since the last encoded word
  EncodedWord pending;  // decoded, not converted yet: the next may continue its last character
  const auto flush = [&] {
    if (pending.size > 0) decoded += toUtf8(pending.octets, pending.charset);
    pending = {};
  };
  while (!text.empty()) {
    auto word = encodedWord(text);
    if (!word) {
      const std::size_t next = std::min(text.find("=?", 1), text.size());
      plain += text.substr(0, next);
      text.remove_prefix(next);
      continue;
    }
    text.remove_prefix(word->size);
    const bool adjacent = pending.size > 0 && plain.find_first_not_of(" \t\r\n") == std::string::npos;
    if (!adjacent) {
      flush();
      decoded += repairUtf8(plain);
    }
    plain.clear();
    if (adjacent && pending.charset == word->charset) {
      pending.octets += word->octets;
    } else {
      flush();
      pending = std::move(*word);
    }
  }
  flush();
  return decoded + repairUtf8(plain);
}

std::string encodeWords(std::string_view text) {
  if (!needsEncoding(text)) return std::string(text);
  constexpr std::string_view kStart = "=?UTF-8?Q?";
  constexpr std::size_t kMaxText = 75 - kStart.size() - 2;
  const std::string utf8 = repairUtf8(text);
  std::size_t plain = 0;
  for (const char c : utf8) plain += isQPlain(c) || c == ' ' ? 1 : 0;
  const bool base64 = plain * 2 < utf8.size();  // shorter then

  std::string out;
  std::string word;  // encoded, or octets yet to be encoded if base64
  const auto flush = [&] {
    if (word.empty()) return;
    if (!out.empty()) out += ' ';
    out += base64 ? "=?UTF-8?B?" + base64::encode(word) + "?=" : std::string(kStart) + word + "?=";
    word.clear();
  };
  for (std::size_t i = 0; i < utf8.size();) {
    std::size_t size = 1;  // a whole character: words are decoded one by one (RFC 2047 §5)
    while (i + size < utf8.size() && (utf8[i + size] & 0xC0) == 0x80) ++size;
    std::string character;
    for (const char c : std::string_view(utf8).substr(i, size)) {
      if (base64 || isQPlain(c)) {
        character += c;
      } else if (c == ' ') {
        character += '_';
      } else {
        character +=
            {'=', kHexDigits[static_cast<unsigned char>(c) >> 4], kHexDigits[static_cast<unsigned char>(c) & 15]};
      }
    }
    if (word.size() + character.size() > (base64 ? kMaxText / 4 * 3 : kMaxText)) flush();
    word += character;
    i += size;
  }
  flush();
  return out;
}

}  // namespace posthouse::message
