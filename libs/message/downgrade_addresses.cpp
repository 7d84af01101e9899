// Addresses for who takes ASCII alone, RFC 6857 §3.1.6 to §3.1.9 and §3.2.4.
#include "message/downgrade_addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/cursor.h"
#include "base/is_ascii.h"
#include "base/utf8.h"
#include "message/address.h"
#include "message/domain.h"
#include "message/downgrade_words.h"
#include "message/lexical.h"

namespace posthouse::message {

namespace {

class AddressList {
 public:
  explicit AddressList(std::string_view value) : list_(parseAddressList(value, value.size())) {
    collectComments(value);
    for (std::size_t i = 0; i < list_.size(); ++i) {
      const Address& address = list_[i];
      if (address.kind == Address::Kind::mailbox) add(mailbox(address));
      if (address.kind == Address::Kind::groupEnd) out_ += ';';
      if (address.kind == Address::Kind::groupStart) i = group(i);
    }
    for (const std::string& text : comments_) out_ += " " + downgradeComment(text);
  }

  const std::string& text() const noexcept { return out_; }

 private:
  /// A comment may have been taken for a name.
  void collectComments(std::string_view value) {
    std::unordered_set<std::string_view> names;
    for (const Address& address : list_) names.insert(address.displayName);
    Cursor in(value);
    while (!in.atEnd()) {
      if (in.peek() == '"') {
        takeQuotedString(in);
      } else if (in.peek() == '(') {
        std::string text = takeComment(in);
        if (!names.contains(text)) comments_.push_back(std::move(text));
      } else {
        in.takeOctets(1);
      }
    }
  }

  static bool hasAscii(const Address& mailbox) {
    return ascii::isAscii(mailbox.localPart) && asciiDomain(mailbox.domain);
  }

  static std::string mailbox(const Address& address) {
    const std::string name = downgradePhrase(address.displayName);
    if (hasAscii(address))
      return format(Address{Address::Kind::mailbox, name, {}, address.localPart, *asciiDomain(address.domain)});
    const std::string words = encodeAll(formatAddrSpec(address.localPart, address.domain));
    return name.empty() ? words + " :;" : name + " " + words + " :;";
  }

  /// From the group's name at `start`: gives its end, or `start` if its mailboxes are to follow.
  std::size_t group(std::size_t start) {
    const auto isEnd = [](const Address& address) { return address.kind == Address::Kind::groupEnd; };
    const auto begin = list_.begin() + static_cast<std::ptrdiff_t>(start);
    const auto end = std::find_if(begin, list_.end(), isEnd);
    const std::span<const Address> members(begin + 1, end);
    const std::string name = downgradePhrase(begin->localPart);
    if (std::ranges::all_of(members, hasAscii)) {
      add(ascii::isAscii(begin->localPart) ? format(*begin) : name + " :");
      wantsComma_ = false;
      return start;
    }
    add(name + " " + encodeAll(format(members)) + " :;");
    return static_cast<std::size_t>(end - list_.begin());
  }

  void add(const std::string& element) {
    if (!out_.empty()) out_ += wantsComma_ ? ", " : " ";
    out_ += element;
    wantsComma_ = true;
  }

  std::vector<Address> list_;
  std::vector<std::string> comments_;
  std::string out_;
  bool wantsComma_ = false;
};

class Received {
 public:
  explicit Received(std::string_view value) : in_(value) {
    while (!in_.atEnd()) {
      in_.takeWhile(isFoldingBlank);
      if (in_.peek() == '(') {
        add(downgradeComment(takeComment(in_)));
      } else if (in_.take(";")) {
        out_ += ';';
        clause_.clear();
      } else if (!in_.atEnd()) {
        word(in_.takeWhile([](char c) { return !isFoldingBlank(c) && c != '(' && c != ';'; }));
      }
    }
  }

  const std::string& text() const noexcept { return out_; }

 private:
  static bool isKeyword(std::string_view word) {
    constexpr std::array<std::string_view, 6> kKeywords{"from", "by", "via", "with", "id", "for"};
    return std::ranges::any_of(kKeywords, [&](auto each) { return ascii::equalsIgnoringCase(word, each); });
  }

  void word(std::string_view word) {
    if (isKeyword(word)) {
      clause_ = ascii::toLower(word);
      keywordAt_ = out_.size();
      return add(word);
    }
    if (ascii::isAscii(word)) return add(word);
    const std::size_t at = word.rfind('@') + 1;  // 0 without one
    const std::string_view tail = word.substr(at, word.ends_with('>') ? word.size() - at - 1 : word.npos);
    const auto domain = ascii::isAscii(word.substr(0, at)) ? asciiDomain(tail) : std::nullopt;
    if (domain && clause_ != "id") {
      add(std::string(word.substr(0, at)) + *domain + std::string(word.substr(at + tail.size())));
    } else if (clause_ == "for" || clause_ == "id") {
      out_.resize(keywordAt_);
      clause_.clear();
    } else {
      add(downgradeComment(word));
    }
  }

  void add(std::string_view text) { out_.append(out_.empty() ? "" : " ").append(text); }

  Cursor in_;
  std::string out_;
  std::string clause_;
  std::size_t keywordAt_ = 0;
};

}  // namespace

std::string downgradeAddresses(std::string_view value) {
  return AddressList(value).text();
}

std::string downgradeReceived(std::string_view value) {
  return Received(value).text();
}

std::optional<std::string> downgradeTypedAddress(std::string_view from) {
  const std::string value = withAsciiComments(from).value_or(std::string(from));
  const std::size_t semicolon = value.find(';');
  const bool isUtf8 =
      ascii::equalsIgnoringCase(ascii::trimBlanks(std::string_view(value).substr(0, semicolon)), "utf-8");
  if (semicolon == value.npos || !isUtf8 || !utf8::isValid(value)) return std::nullopt;
  std::string address;
  const std::string_view text = ascii::trimBlanks(std::string_view(value).substr(semicolon + 1));
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    char32_t point = lead < 0xC0 ? lead : lead < 0xE0 ? lead & 0x1F : lead < 0xF0 ? lead & 0x0F : lead & 0x07;
    while (i < text.size() && (text[i] & 0xC0) == 0x80) point = point << 6 | (text[i++] & 0x3F);
    const bool isPlain = point > ' ' && point < 127 && point != '+' && point != '=' && point != '\\';
    address +=
        isPlain ? std::string(1, static_cast<char>(point)) : fmt::format("\\x{{{:X}}}", static_cast<unsigned>(point));
  }
  return "utf-8; " + address;
}

}  // namespace posthouse::message
