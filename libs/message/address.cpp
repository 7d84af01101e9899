// Address lists, RFC 5322 §3.4 and §4.4, read so that nothing is an error.
#include "message/address.h"

#include "message/lexical.h"

namespace posthouse::message {

namespace {

/// Words as they come, joined in the two ways that they can turn out to be meant.
struct Words {
  std::string phrase;     // "John  Q. Public" as "John Q. Public"
  std::string localPart;  // "john . doe" as "john.doe"
  bool blankBefore = false;

  void add(std::string_view word) {
    const bool between = blankBefore && !phrase.empty();
    if (between) phrase += ' ';
    if (between && !localPart.ends_with('.') && !word.starts_with('.')) localPart += ' ';
    phrase += word;
    localPart += word;
    blankBefore = false;
  }
};

constexpr bool isWordOctet(char c) noexcept {
  return !isFoldingBlank(c) && std::string_view("(\"<>@,;:").find(c) == std::string_view::npos;
}

class ListParser {
 public:
  ListParser(std::string_view value, std::size_t limit) : in_(value), limit_(limit) {}

  std::vector<Address> parse() {
    while (!in_.atEnd() && list_.size() < limit_) element();
    if (inGroup_) endGroup();
    return std::move(list_);
  }

 private:
  /// Everything up to the next comma, semicolon or group name.
  void element() {
    words_ = {};
    comment_.clear();
    address_ = {};
    seen_ = false;
    while (!in_.atEnd()) {
      skipBlanks();
      if (in_.atEnd() || in_.take(",")) break;
      const char c = in_.peek();
      if (c == ';') {
        in_.take(";");
        finish();
        if (inGroup_) endGroup();
        return;
      }
      if (c == ':' && !inGroup_ && !seen_ && !words_.phrase.empty()) {
        in_.take(":");
        list_.push_back({Address::Kind::groupStart, {}, {}, std::move(words_.phrase), {}});
        inGroup_ = true;
        return;
      }
      if (c == '<' && !angleSeen()) {
        angleAddress();
      } else if (c == '@') {
        bareAddress();
      } else if (c == '"') {
        words_.add(takeQuotedString(in_));
      } else if (isWordOctet(c)) {
        words_.add(in_.takeWhile(isWordOctet));
      } else {
        in_.takeOctets(1);
      }
    }
    finish();
  }

  /// Blanks and comments; the last comment is kept, for it may be the name.
  void skipBlanks() {
    while (true) {
      if (!in_.takeWhile(isFoldingBlank).empty()) words_.blankBefore = true;
      if (in_.peek() != '(' || in_.atEnd()) return;
      comment_ = takeComment(in_);
      words_.blankBefore = true;
    }
  }

  bool angleSeen() const noexcept { return angle_ && seen_; }

  /// addr-spec without angle brackets. "joe@x <joe@y>" is seen: the first is then the name of the second.
  void bareAddress() {
    in_.take("@");
    const std::string domainPart = domain();
    if (!seen_) {
      address_.localPart = words_.localPart;
      address_.domain = domainPart;
      seen_ = true;
      angle_ = false;
    }
    words_.phrase += '@' + domainPart;
  }

  /// angle-addr = [CFWS] "<" [obs-route] addr-spec ">" [CFWS]
  void angleAddress() {
    in_.take("<");
    address_ = {};
    address_.displayName = std::move(words_.phrase);
    words_ = {};
    skipBlanks();
    if (in_.peek() == '@') {
      Cursor ahead = in_;
      const auto route = ahead.takeWhile([](char c) { return c != ':' && c != '<' && c != '>' && c != '"'; });
      if (ahead.take(":")) {
        for (const char c : route) {
          if (!isFoldingBlank(c)) address_.sourceRoute += c;
        }
        in_ = ahead;
      }
    }
    while (true) {
      skipBlanks();
      const char c = in_.peek();
      if (c == '"') {
        words_.add(takeQuotedString(in_));
      } else if (!in_.atEnd() && isWordOctet(c)) {
        words_.add(in_.takeWhile(isWordOctet));
      } else if (c == ':' || c == '<' || c == '(') {
        in_.takeOctets(1);
      } else {
        break;
      }
    }
    address_.localPart = std::move(words_.localPart);
    words_ = {};
    if (in_.take("@")) address_.domain = domain();
    in_.takeWhile([](char c) { return c != '>' && c != ',' && c != ';'; });
    in_.take(">");
    seen_ = angle_ = true;
  }

  /// domain = dot-atom / domain-literal / obs-domain
  std::string domain() {
    std::string text;
    while (true) {
      words_.blankBefore = false;
      skipBlanks();
      const char c = in_.peek();
      if (in_.atEnd() || !isWordOctet(c)) return text;
      const bool apart = words_.blankBefore && !text.empty() && !text.ends_with('.') && c != '.';
      if (apart) return text;
      if (c == '[' && text.empty()) {
        for (const char octet : in_.takeWhile([](char o) { return o != ']' && o != '>' && o != ','; })) {
          if (!isFoldingBlank(octet)) text += octet;
        }
        if (in_.take("]")) text += ']';
        return text;
      }
      text += in_.takeWhile(isWordOctet);
    }
  }

  void finish() {
    if (!seen_) {
      if (words_.phrase.empty()) return;
      // A lone word is taken for a local user, several for a name without an address.
      if (words_.localPart.find(' ') == std::string::npos) {
        address_.localPart = std::move(words_.localPart);
      } else {
        address_.displayName = std::move(words_.phrase);
      }
    }
    if (address_.displayName.empty()) address_.displayName = std::move(comment_);
    if (address_ == Address{}) return;
    list_.push_back(std::move(address_));
    address_ = {};
    seen_ = false;
    words_ = {};
  }

  void endGroup() {
    list_.push_back({Address::Kind::groupEnd, {}, {}, {}, {}});
    inGroup_ = false;
  }

  Cursor in_;
  std::size_t limit_;
  std::vector<Address> list_;
  Words words_;
  std::string comment_;
  Address address_;
  bool seen_ = false;   // address_ holds an address
  bool angle_ = false;  // and it was in angle brackets
  bool inGroup_ = false;
};

}  // namespace

std::vector<Address> parseAddressList(std::string_view value, std::size_t limit) {
  return ListParser(value, limit).parse();
}

}  // namespace posthouse::message
