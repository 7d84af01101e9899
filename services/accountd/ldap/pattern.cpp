#include "ldap/pattern.h"

#include <algorithm>

#include "ldap/escaping.h"

namespace posthouse::accountd::ldap {

std::expected<Pattern, std::string> Pattern::parse(std::string_view text) {
  constexpr std::pair<std::string_view, Place> kPlaces[] = {
      {"%{address}", Place::address}, {"%{local}", Place::local}, {"%{domain}", Place::domain}};
  Pattern pattern;
  std::string literal;
  const auto endLiteral = [&] {
    if (!literal.empty()) pattern.pieces_.push_back({Place::text, std::move(literal)});
    literal.clear();
  };
  while (!text.empty()) {
    const auto place = std::ranges::find_if(kPlaces, [&](const auto& one) { return text.starts_with(one.first); });
    if (place != std::end(kPlaces)) {
      endLiteral();
      pattern.pieces_.push_back({place->second, ""});
      text.remove_prefix(place->first.size());
    } else if (text.starts_with("%%")) {
      literal.push_back('%');
      text.remove_prefix(2);
    } else if (text.starts_with('%')) {
      return std::unexpected("knows only %{address}, %{local}, %{domain} and %%");
    } else {
      literal.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  endLiteral();
  return pattern;
}

bool Pattern::hasPlaces() const noexcept {
  return std::ranges::any_of(pieces_, [](const Piece& piece) { return piece.place != Place::text; });
}

template <class Fill>
std::string Pattern::filled(Fill fill) const {
  std::string text;
  for (const Piece& piece : pieces_) text += piece.place == Place::text ? piece.text : fill(piece.place);
  return text;
}

std::string Pattern::asFilter(const Address& address) const {
  return filled([&](Place place) {
    return escapeInFilter(place == Place::address ? address.text()
                          : place == Place::local ? address.localPart
                                                  : address.domain);
  });
}

std::string Pattern::asName(const Address& address) const {
  return filled([&](Place place) {
    return escapeInName(place == Place::address ? address.text()
                        : place == Place::local ? address.localPart
                                                : address.domain);
  });
}

std::string Pattern::asFilterOfAll() const {
  return filled([](Place) { return std::string("*"); });
}

}  // namespace posthouse::accountd::ldap
