// pop3_uidl_format, as Dovecot's documentation has it.
#include "maildir/uidl_format.h"

#include <fmt/format.h>

#include "base/cursor.h"

namespace posthouse::mailctl::maildir {
namespace {

constexpr std::size_t kMostWidth = 70;

}  // namespace

class UidlFormat::Parser {
 public:
  explicit Parser(std::string_view text) : in_(text) {}

  UidlFormat format() {
    UidlFormat format;
    std::string literal;
    while (!in_.atEnd()) {
      if (!in_.take("%")) {
        literal += in_.takeOctets(1);
      } else if (in_.take("%")) {
        literal += '%';
      } else {
        if (!literal.empty()) format.pieces_.emplace_back(std::exchange(literal, {}));
        format.pieces_.emplace_back(in_.take("{") ? longVariable() : shortVariable());
      }
    }
    if (!literal.empty()) format.pieces_.emplace_back(std::move(literal));
    if (format.pieces_.empty()) throw SyntaxError("the format is empty");
    return format;
  }

 private:
  /// ["0" width] *modifier letter
  Piece shortVariable() {
    Piece piece{};
    if (ascii::isDigit(in_.peek()) && !in_.take("0")) throw SyntaxError("a width begins with 0 here, as in %08Xu");
    if (ascii::isDigit(in_.peek())) width(piece);
    for (;;) {
      if (in_.atEnd()) throw SyntaxError("the format ends within a variable");
      const char letter = in_.takeOctets(1).front();
      switch (letter) {
        case 'X':
          piece.hex = true;
          break;
        case 'L':
          piece.letters = Letters::lower;
          break;
        case 'U':
          piece.letters = Letters::upper;
          break;
        case 'v':
          piece.variable = Variable::uidValidity;
          return piece;
        case 'u':
          piece.variable = Variable::uid;
          return piece;
        case 'f':
          piece.variable = Variable::fileName;
          return piece;
        case 'g':
          piece.variable = Variable::guid;
          return piece;
        case 'm':
          throw SyntaxError("%m is for mbox files, which are not imported");
        default:
          throw SyntaxError(fmt::format("'{}' is no variable or modifier; there are %v, %u, %f and %g, with X, L and U",
                                        ascii::isControl(letter) || ascii::isEightBit(letter) ? '?' : letter));
      }
    }
  }

  /// name *("|" filter) "}", with spaces anywhere
  Piece longVariable() {
    Piece piece{};
    piece.variable = named(word());
    while (in_.take("|")) filter(piece);
    in_.expect("}");
    return piece;
  }

  static Variable named(std::string_view name) {
    if (name == "uidvalidity") return Variable::uidValidity;
    if (name == "uid") return Variable::uid;
    if (name == "filename") return Variable::fileName;
    if (name == "guid") return Variable::guid;
    if (name == "md5") throw SyntaxError("%{md5} is for mbox files, which are not imported");
    throw SyntaxError("a variable is one of uidvalidity, uid, filename and guid");
  }

  void filter(Piece& piece) {
    const std::string_view name = word();
    if (name == "hex") {
      piece.hex = true;
      if (in_.take("(")) {
        width(piece);
        in_.expect(")");
      }
    } else if (name == "lower") {
      piece.letters = Letters::lower;
    } else if (name == "upper") {
      piece.letters = Letters::upper;
    } else {
      throw SyntaxError("a filter is one of hex, lower and upper");
    }
    skipSpaces();
  }

  std::string_view word() {
    skipSpaces();
    const std::string_view found =
        in_.expectWhile([](char c) { return ascii::isLower(c) || ascii::isDigit(c); }, "a name");
    skipSpaces();
    return found;
  }

  void width(Piece& piece) {
    piece.width = in_.number<std::size_t>();
    if (piece.width > kMostWidth) throw SyntaxError("a unique id has no more than 70 characters");
  }

  void skipSpaces() {
    in_.takeWhile([](char c) { return c == ' '; });
  }

  Cursor in_;
};

UidlFormat UidlFormat::parse(std::string_view text) {
  UidlFormat format = Parser(text).format();
  for (const auto& part : format.pieces_) {
    const Piece* piece = std::get_if<Piece>(&part);
    const bool isNumber =
        piece != nullptr && (piece->variable == Variable::uid || piece->variable == Variable::uidValidity);
    if (piece != nullptr && piece->hex && !isNumber) throw SyntaxError("X and hex are for numbers, %v and %u");
  }
  return format;
}

std::string UidlFormat::apply(const UidlParts& parts) const {
  const auto textOf = [&parts](const Piece& piece) -> std::string {
    const auto number = [&piece](std::uint32_t value) {
      return piece.hex ? fmt::format("{:x}", value) : fmt::format("{}", value);
    };
    switch (piece.variable) {
      case Variable::uidValidity:
        return number(parts.uidValidity);
      case Variable::uid:
        return number(parts.uid);
      case Variable::fileName:
        return std::string(parts.fileName);
      case Variable::guid:
        break;
    }
    return std::string(parts.guid);
  };
  std::string id;
  for (const auto& part : pieces_) {
    if (const std::string* literal = std::get_if<std::string>(&part)) {
      id += *literal;
      continue;
    }
    const Piece& piece = std::get<Piece>(part);
    std::string text = textOf(piece);
    if (piece.letters == Letters::lower) text = ascii::toLower(text);
    if (piece.letters == Letters::upper) text = ascii::toUpper(text);
    if (text.size() < piece.width) id.append(piece.width - text.size(), '0');
    id += text;
  }
  return id;
}

}  // namespace posthouse::mailctl::maildir
