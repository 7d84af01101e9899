// Surrogates of internationalised messages, RFC 6857 §3 and §4.
#include "message/downgrade.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/is_ascii.h"
#include "message/downgrade_field.h"
#include "message/downgrade_words.h"
#include "message/header.h"

namespace posthouse::message {

namespace {

constexpr std::size_t kMaxLine = 1000;     // of a body's line, as far as it may be a boundary
constexpr std::size_t kMaxBoundary = 256;  // RFC 2046 §5.1.1 has 70
constexpr std::size_t kMaxDepth = 100;     // as MimeLimits

/// Encoded words a line each.
std::string folded(std::string_view words) {
  std::string out;
  for (std::size_t end = 0; (end = words.find("?= =?")) != words.npos; words.remove_prefix(end + 3))
    out.append(words.substr(0, end + 2)).append("\r\n ");
  return out.append(words);
}

/// Lines of a field that is too long, one by one.
std::string byLines(std::string_view lines) {
  if (ascii::isAscii(lines)) return std::string(lines);
  std::string out;
  while (!lines.empty()) {
    const std::size_t size = std::min(lines.find('\n'), lines.size() - 1) + 1;
    const std::string_view line = lines.substr(0, size);
    const std::string_view indent = ascii::isBlank(line.front()) ? " " : "";
    out +=
        ascii::isAscii(line) ? std::string(line) : std::string(indent) + folded(downgradeText(unfold(line))) + "\r\n";
    lines.remove_prefix(size);
  }
  return out;
}

/// The first line feed before a hyphen. Looks for hyphens: base64 has none, and texts have more lines than hyphens.
std::size_t findHyphenLine(std::string_view text) noexcept {
  std::size_t hyphen = 0;
  while ((hyphen = text.find('-', hyphen)) != text.npos) {
    if (hyphen > 0 && text[hyphen - 1] == '\n') return hyphen - 1;
    while (hyphen < text.size() && text[hyphen] == '-') ++hyphen;
  }
  return text.npos;
}

/// Where a line that is too long can be cut: not within a character.
std::size_t cutOf(std::string_view line) noexcept {
  std::size_t end = line.size();
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, line.size()); ++back) {
    const auto octet = static_cast<unsigned char>(line[line.size() - back]);
    if (octet >= 0xC0) end = line.size() - back;
    if (octet < 0x80 || octet >= 0xC0) break;
  }
  return end;
}

}  // namespace

std::string Downgrade::pass(std::string piece, bool isLast) {
  const bool isAll = std::exchange(isFirst_, false) && isLast;
  if ((isAll && ascii::isAscii(piece)) || place_ == Place::rest || takeWhole(piece)) return piece;
  std::string out;
  out.reserve(piece.size() + field_.size() + line_.size());
  std::string_view rest = piece;
  while (!rest.empty()) {
    if (place_ == Place::rest) {
      out += std::exchange(rest, {});
    } else if (place_ == Place::body) {
      inBody(rest, out);
    } else {
      inFields(rest, out);
    }
  }
  if (isLast) {
    const std::string line = std::exchange(line_, {});
    if (place_ == Place::body) {
      out += line;
    } else {
      if (!line.empty()) headerLine(line, out);
      endField(out);
    }
  }
  return out;
}

void Downgrade::inFields(std::string_view& rest, std::string& out) {
  const std::size_t room = kMaxField - std::min(kMaxField, field_.size() + line_.size());
  const std::size_t lineFeed = rest.find('\n');
  const std::size_t size = std::min(lineFeed == rest.npos ? rest.size() : lineFeed + 1, std::max<std::size_t>(room, 1));
  line_ += rest.substr(0, size);
  rest.remove_prefix(size);
  if (line_.ends_with('\n')) headerLine(std::exchange(line_, {}), out);
  if (field_.size() + line_.size() >= kMaxField) sendBeginning(out);
}

/// A piece from the middle of a body in which no line may be a boundary. False for any other, which is not taken.
bool Downgrade::takeWhole(std::string_view piece) {
  if (place_ != Place::body || !line_.empty() || piece.empty()) return false;
  if ((!isInLine_ && piece.starts_with('-')) || findHyphenLine(piece) != piece.npos) return false;
  isInLine_ = piece.back() != '\n';
  return true;
}

/// On to the next line that may be a boundary, or that line.
void Downgrade::inBody(std::string_view& rest, std::string& out) {
  const bool mayBeBoundary = !isInLine_ && (!line_.empty() || rest.starts_with('-'));
  if (!mayBeBoundary) {
    const std::size_t next = std::min(isInLine_ ? rest.find('\n') : findHyphenLine(rest), rest.size() - 1) + 1;
    out += rest.substr(0, next);
    isInLine_ = rest[next - 1] != '\n';
    return rest.remove_prefix(next);
  }
  const std::size_t size = std::min({rest.find('\n'), rest.size() - 1, kMaxLine - line_.size() - 1}) + 1;
  line_ += rest.substr(0, size);
  rest.remove_prefix(size);
  if (line_.ends_with('\n') || line_.size() == kMaxLine) bodyLine(std::exchange(line_, {}), out);
}

void Downgrade::headerLine(std::string_view line, std::string& out) {
  if (std::exchange(isInLine_, false)) {
    (isContinued_ ? field_ : out) += line;  // else of a boundary
    return;
  }
  if (line == "\n" || line == "\r\n") {
    endField(out);
    out += line;
    if (place_ == Place::header) endHeader();
    return;
  }
  if (const auto which = boundaries_.longestPrefixOf(line)) {
    endField(out);
    return boundary(*which, line, out);
  }
  const bool continues = (!field_.empty() || isContinued_) && ascii::isBlank(line.front());
  if (!continues) endField(out);
  field_ += line;
}

void Downgrade::bodyLine(std::string_view line, std::string& out) {
  if (const auto which = boundaries_.longestPrefixOf(line)) return boundary(*which, line, out);
  out += line;
  isInLine_ = !line.ends_with('\n');
}

void Downgrade::boundary(std::size_t which, std::string_view line, std::string& out) {
  out += line;
  const bool closes = line.substr(boundaries_[which].size()).starts_with("--");
  boundaries_.resize(closes ? which : which + 1);
  digests_.resize(boundaries_.size());
  mediaType_.reset();
  isEncoded_ = false;
  isInDigest_ = !closes && digests_[which];
  place_ = !closes ? Place::header : boundaries_.size() > 0 ? Place::body : Place::rest;
  isInLine_ = place_ != Place::rest && !line.ends_with('\n');
}

void Downgrade::endField(std::string& out) {
  const std::string whole = std::exchange(field_, {});
  if (std::exchange(isContinued_, false)) {
    out += byLines(whole);
    return;
  }
  if (whole.empty()) return;
  const Header lines(whole);
  const Field field = *lines.begin();
  if (ascii::equalsIgnoringCase(field.name, "Content-Type") && !mediaType_)
    mediaType_ = parseContentType(unfold(field.value));
  if (ascii::equalsIgnoringCase(field.name, "Content-Transfer-Encoding")) {
    const std::string encoding = parseTransferEncoding(field.value);
    isEncoded_ = encoding != "7bit" && encoding != "8bit" && encoding != "binary";
  }
  if (ascii::isAscii(whole)) {
    out += whole;
  } else {
    out += place_ == Place::status ? downgradeStatusField(whole) : downgradeField(whole);
  }
}

void Downgrade::endHeader() {
  const MediaType untold = std::exchange(isInDigest_, false) ? MediaType{"message", "rfc822", {}} : MediaType{};
  const MediaType media = std::exchange(mediaType_, std::nullopt).value_or(untold);
  place_ = boundaries_.size() > 0 ? Place::body : Place::rest;
  if (std::exchange(isEncoded_, false)) return;
  if (media.is("message", "rfc822")) place_ = Place::header;
  if (media.is("message", "delivery-status") || media.is("message", "global-delivery-status")) place_ = Place::status;
  // What is signed goes as it is: a signature over something else is worse than a name that is not shown.
  if (media.type != "multipart" || media.is("multipart", "signed")) return;
  const Parameter* parameter = media.parameter("boundary");
  const std::string text = parameter == nullptr ? "" : parameter->extended ? parameter->text() : parameter->value;
  const std::string_view boundary = ascii::trimBlanks(text);
  if (boundary.empty() || boundary.size() > kMaxBoundary || boundaries_.size() >= kMaxDepth) return;
  boundaries_.push("--" + std::string(boundary));
  digests_.push_back(media.subtype == "digest");
  place_ = Place::body;
}

/// Makes room for more of a field that is too long: by its lines, and if there is none yet, by what there is of one.
void Downgrade::sendBeginning(std::string& out) {
  isContinued_ = true;
  if (!field_.empty()) {
    out += byLines(std::exchange(field_, {}));
    return;
  }
  isInLine_ = true;
  const std::size_t end = cutOf(line_);
  const std::string_view beginning = std::string_view(line_).substr(0, end);
  out += ascii::isAscii(beginning) ? std::string(beginning) : "\r\n " + folded(downgradeText(beginning)) + "\r\n ";
  line_.erase(0, end);
}

}  // namespace posthouse::message
