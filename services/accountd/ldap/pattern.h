#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "directory/address.h"

namespace posthouse::accountd::ldap {

/// A text of the configuration with places for parts of an address: %{address}, %{local} and %{domain}; %% is a percent
/// sign. What is put in is escaped: no address can mean more than itself.
class Pattern {
 public:
  Pattern() = default;

  /// The other side says what is wrong, to stand behind the key's name.
  static std::expected<Pattern, std::string> parse(std::string_view text);

  bool empty() const noexcept { return pieces_.empty(); }
  bool hasPlaces() const noexcept;

  std::string asFilter(const Address& address) const;
  std::string asName(const Address& address) const;
  /// With "*" at every place: a filter that matches every address.
  std::string asFilterOfAll() const;

 private:
  enum class Place { text, address, local, domain };
  struct Piece {
    Place place;
    std::string text;
  };

  template <class Fill>
  std::string filled(Fill fill) const;

  std::vector<Piece> pieces_;
};

}  // namespace posthouse::accountd::ldap
