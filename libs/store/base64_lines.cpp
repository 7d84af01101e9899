#include "store/base64_lines.h"

#include <bit>
#include <cstring>

#include "base/base64_groups.h"
#include "store/compression.h"

namespace posthouse::store {
namespace {

constexpr std::string_view kBreak = "\r\n";
constexpr std::size_t kShortest = 60;  // of a line: less is a word that happens to be of the alphabet
constexpr std::size_t kLongest = 996;  // whole groups in what a line may have (RFC 5322 §2.1.1)
constexpr std::size_t kLeast = 1024;   // characters that are worth a run
static_assert(std::endian::native == std::endian::little);

/// Characters of the line at `at` if more lines of base64 may follow it: the next one is as long. Else 0.
std::size_t lineOfRun(std::string_view piece, std::size_t at, std::size_t lineFeed) {
  const std::size_t line = lineFeed - at - 1;
  if (lineFeed == at || line < kShortest || line > kLongest || line % base64::kGroup != 0) return 0;
  if (piece[lineFeed - 1] != '\r') return 0;
  const std::size_t next = lineFeed + 1 + line;
  return next + kBreak.size() <= piece.size() && piece.substr(next, kBreak.size()) == kBreak ? line : 0;
}

/// Decodes lines of so many characters from the beginning of `text`, as long as they are base64. Gives their number.
std::size_t decodeLines(std::string_view text, std::size_t line, char* to) {
  std::size_t lines = 0;
  for (; text.size() >= line + kBreak.size(); ++lines) {
    if (text.substr(line, kBreak.size()) != kBreak) break;
    if (base64::decodeGroups(text.substr(0, line), to) != line) break;
    to += line / base64::kGroup * base64::kGroupOctets;
    text.remove_prefix(line + kBreak.size());
  }
  return lines;
}

/// Appends `octets`, compressed if that gains anything, which is tried only if it `may`. Says whether they are.
bool appendStored(std::string& form, std::string_view octets, bool may) {
  const std::string compressed = may ? compress(octets) : std::string();
  const bool isGain = may && isWorthIt(compressed.size(), octets.size());
  form += isGain ? compressed : octets;
  return isGain;
}

}  // namespace

std::uint64_t Base64Lines::sizeOf(const Run& run) noexcept {
  return std::uint64_t{run.lines} * (run.line + kBreak.size());
}

std::uint64_t Base64Lines::octetsOf(const Run& run) noexcept {
  return std::uint64_t{run.lines} * (run.line / base64::kGroup * base64::kGroupOctets);
}

Base64Lines Base64Lines::find(std::string_view piece) {
  Base64Lines found;
  found.piece_ = piece;
  std::size_t textFrom = 0;
  std::size_t decoded = 0;
  for (std::size_t at = 0, lineFeed; (lineFeed = piece.find('\n', at)) != std::string_view::npos;) {
    const std::size_t line = lineOfRun(piece, at, lineFeed);
    if (line == 0) {
      at = lineFeed + 1;
      continue;
    }
    if (found.octets_.empty())
      found.octets_.resize(piece.size() / base64::kGroup * base64::kGroupOctets + base64::kSpare);
    const std::size_t lines = decodeLines(piece.substr(at), line, found.octets_.data() + decoded);
    const std::size_t size = std::max<std::size_t>(lines, 1) * (line + kBreak.size());
    if (lines * line >= kLeast) {
      const Run run{.textBefore = static_cast<std::uint32_t>(at - textFrom),
                    .line = static_cast<std::uint32_t>(line),
                    .lines = static_cast<std::uint32_t>(lines)};
      found.runs_.push_back(run);
      decoded += octetsOf(run);
      textFrom = at + size;
    }
    at += size;
  }
  found.octets_.resize(decoded);
  return found;
}

std::string Base64Lines::restOfText() const {
  std::string text;
  std::size_t at = 0;
  for (const Run& run : runs_) {
    text += piece_.substr(at, run.textBefore);
    at += run.textBefore + sizeOf(run);
  }
  return text += piece_.substr(at);
}

std::string Base64Lines::form() const {
  const std::string text = restOfText();
  std::string form;
  form.reserve(octets_.size() + text.size() + runs_.size() * sizeof(Run) + sizeof(Foot));
  Foot foot{};
  // What an attachment holds is mostly compressed already: a look at a part of it tells.
  foot.octetsCompressed = appendStored(form, octets_, isCompressible(octets_));
  foot.octetsStored = static_cast<std::uint32_t>(form.size());
  foot.textCompressed = appendStored(form, text, true);
  foot.textStored = static_cast<std::uint32_t>(form.size()) - foot.octetsStored;
  foot.runs = static_cast<std::uint32_t>(runs_.size());
  form.append(reinterpret_cast<const char*>(runs_.data()), runs_.size() * sizeof(Run));
  return form.append(reinterpret_cast<const char*>(&foot), sizeof foot);
}

/// The parts of a form, their sizes proven. Refers to the form.
class Base64Lines::Reader {
 public:
  Reader(std::string_view form, std::size_t size) {
    Foot foot;
    if (form.size() < sizeof foot) throw Damaged();
    std::memcpy(&foot, form.data() + form.size() - sizeof foot, sizeof foot);
    const std::uint64_t runsSize = std::uint64_t{foot.runs} * sizeof(Run);
    if (foot.octetsStored + std::uint64_t{foot.textStored} + runsSize + sizeof foot != form.size()) throw Damaged();
    runs_.resize(foot.runs);
    if (foot.runs > 0) std::memcpy(runs_.data(), form.data() + form.size() - sizeof foot - runsSize, runsSize);

    std::uint64_t left = size, octets = 0, textBefore = 0;
    for (const Run& run : runs_) {
      const std::uint64_t needed = run.textBefore + sizeOf(run);
      if (run.line % base64::kGroup != 0 || needed > left) throw Damaged();
      left -= needed;
      textBefore += run.textBefore;
      octets += octetsOf(run);
    }
    octets_ = restored(form.substr(0, foot.octetsStored), foot.octetsCompressed, octets, octetsKept_);
    text_ =
        restored(form.substr(foot.octetsStored, foot.textStored), foot.textCompressed, left + textBefore, textKept_);
  }

  void append(std::string& to) const {
    std::string_view text = text_, octets = octets_;
    for (const Run& run : runs_) {
      to += text.substr(0, run.textBefore);
      text.remove_prefix(run.textBefore);
      appendLines(to, octets.substr(0, octetsOf(run)), run);
      octets.remove_prefix(octetsOf(run));
    }
    to += text;
  }

 private:
  static std::string_view restored(std::string_view stored, bool compressed, std::uint64_t size, std::string& kept) {
    if (!compressed && stored.size() != size) throw Damaged();
    if (!compressed) return stored;
    kept.resize(size);
    decompress(stored, kept.data(), size);
    return kept;
  }

  static void appendLines(std::string& to, std::string_view octets, const Run& run) {
    const std::size_t octetsEach = run.line / base64::kGroup * base64::kGroupOctets;
    const std::size_t from = to.size(), size = from + sizeOf(run);
    const auto encode = [&](char* begin, std::size_t) {  // libstdc++ 12 may say more than it was asked for
      char* at = begin + from;
      for (std::uint32_t line = 0; line < run.lines; ++line) {
        base64::encodeGroups(octets.substr(line * octetsEach, octetsEach), at);
        kBreak.copy(at + run.line, kBreak.size());
        at += run.line + kBreak.size();
      }
      return size;
    };
    to.resize_and_overwrite(size, encode);
  }

  std::vector<Run> runs_;
  std::string octetsKept_, textKept_;  // if they were compressed
  std::string_view octets_, text_;
};

void Base64Lines::text(std::string_view form, std::size_t size, std::string& appendTo) {
  Reader(form, size).append(appendTo);
}

}  // namespace posthouse::store
