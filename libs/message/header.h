#pragma once
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::message {

/// One header field as it stands in the octets (RFC 5322 §2.2). A line that is no field (no colon, or a name with other
/// than printable ASCII) has an empty name and itself as its value, so that nothing is ever lost.
struct Field {
  std::string_view name;   // without the blanks that obsolete syntax allows before the colon
  std::string_view value;  // raw: after the colon, with its folding, without the last line end
  std::string_view whole;  // every octet of it, line ends included
};

/// The value without its folding and without blanks at both ends (RFC 5322 §2.2.3).
std::string unfold(std::string_view value);

/// The header section of a message or MIME part: a view over its octets, read line by line each time it is walked.
/// Lines end with LF, with or without a CR before it. The octets must outlive it.
class Header {
 public:
  /// The header at the beginning of `message`: up to the empty line, that line included, or all of it if there is none.
  static Header of(std::string_view message) noexcept;

  /// `octets` is a header section alone; what follows an empty line in it is ignored.
  explicit Header(std::string_view octets) noexcept : Header(of(octets)) {}

  class Iterator {
   public:
    using value_type = Field;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    const Field& operator*() const noexcept { return field_; }
    const Field* operator->() const noexcept { return &field_; }
    Iterator& operator++() noexcept;
    Iterator operator++(int) noexcept;
    bool operator==(std::default_sentinel_t) const noexcept { return field_.whole.empty(); }

   private:
    friend class Header;
    explicit Iterator(std::string_view fields) noexcept : rest_(fields) { ++*this; }
    std::string_view rest_;
    Field field_;
  };

  Iterator begin() const noexcept { return Iterator(octets_.substr(0, octets_.size() - emptyLine_)); }
  std::default_sentinel_t end() const noexcept { return {}; }

  /// The first field of that name, in either case.
  std::optional<Field> find(std::string_view name) const;
  /// Every field of that name, in either case, in order.
  std::vector<Field> findAll(std::string_view name) const;
  /// The first field's value unfolded, or nothing.
  std::optional<std::string> value(std::string_view name) const;

  /// All octets, with the empty line if there is one.
  std::string_view octets() const noexcept { return octets_; }
  /// Octets, with the empty line.
  std::size_t size() const noexcept { return octets_.size(); }
  /// The empty line that ends it as found: CRLF, LF, or nothing where the message stops before one.
  std::string_view emptyLine() const noexcept { return octets_.substr(octets_.size() - emptyLine_); }

 private:
  Header(std::string_view octets, std::size_t emptyLine) noexcept : octets_(octets), emptyLine_(emptyLine) {}
  std::string_view octets_;
  std::size_t emptyLine_ = 0;  // its octets at the end of octets_
};

/// HEADER.FIELDS: the fields with one of these names, octet for octet, and the empty line (RFC 9051 §6.4.5.1).
std::string selectFields(const Header& header, std::span<const std::string> names);
/// HEADER.FIELDS.NOT: the fields with none of these names, octet for octet, and the empty line.
std::string selectFieldsNot(const Header& header, std::span<const std::string> names);

/// How many fields of that name there are, in either case.
std::size_t countFields(const Header& header, std::string_view name);

}  // namespace posthouse::message
