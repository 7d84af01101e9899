#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/cursor.h"

namespace posthouse::imap {

/// section-spec: a part of a message, and what of it.
struct Section {
  enum class Text : std::uint8_t { whole, header, headerFields, headerFieldsNot, text, mime };
  std::vector<std::uint32_t> part;  ///< empty: the message itself
  Text text = Text::whole;
  std::vector<std::string> fields;  ///< of headerFields and headerFieldsNot, as the client wrote them
  bool operator==(const Section&) const = default;
};

/// "<" number "." nz-number ">": octets of a section.
struct Partial {
  std::uint32_t offset;
  std::uint32_t count;
  bool operator==(const Partial&) const = default;
};

namespace fetch {
struct Envelope {};
struct Flags {};
struct InternalDate {};
struct Size {};
struct Uid {};
/// BODYSTRUCTURE, and BODY without a section, which has no extension data.
struct BodyStructure {
  bool extensible;
};
/// BODY[...], BODY.PEEK[...] and the RFC822 items that mean the same. `label` is what the response calls it.
struct Body {
  Section section;
  std::optional<Partial> partial;
  bool peek;
  std::string label;
};
}  // namespace fetch

using FetchItem = std::variant<fetch::Envelope, fetch::Flags, fetch::InternalDate, fetch::Size, fetch::Uid,
                               fetch::BodyStructure, fetch::Body>;

inline constexpr std::size_t kMaxFetchItems = 100;
inline constexpr std::size_t kMaxSectionParts = 100;
inline constexpr std::size_t kMaxHeaderFields = 500;

/// What stands behind the sequence set of FETCH: a macro, an item or a list. Throws SyntaxError.
std::vector<FetchItem> fetchItems(Cursor& in);
/// As in a response, with the partial's offset: BODY[HEADER.FIELDS (DATE FROM)]<0>.
std::string toLabel(const Section& section, const std::optional<Partial>& partial);

}  // namespace posthouse::imap
