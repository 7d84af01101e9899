#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "imap/fetch.h"
#include "message/mime.h"
#include "store/message_repository.h"

/// What BODY[...] means of a message, RFC 3501 §6.4.5.
namespace posthouse::imapd {

/// Which octets of a message must be looked at for a section.
enum class Reach : std::uint8_t {
  header,   // the header section
  stretch,  // a stretch that is known without them: BODY[] and BODY[TEXT]
  tree,     // all, to find the part
};
Reach reachOf(const imap::Section& section);

/// A stretch of a message's octets.
struct Stretch {
  std::uint64_t offset;
  std::uint64_t count;
};
/// What a partial leaves of a stretch.
Stretch cut(Stretch stretch, const std::optional<imap::Partial>& partial);
/// Of a section with Reach::stretch, its partial applied.
Stretch stretchOf(const imap::Section& section, const std::optional<imap::Partial>& partial,
                  const store::Summary& summary);

/// Where the part of a section with Reach::tree is in its message; nothing if there is no such part. Of header fields:
/// the header that they are in.
std::optional<message::Range> partRange(const imap::Section& section, const message::Part& tree);

/// Whether a section is made of a header's octets, by headerOf().
bool isOfHeader(const imap::Section& section);
/// Whether it is made of some of the header's fields only.
bool isOfFields(const imap::Section& section);
/// HEADER, HEADER.FIELDS and HEADER.FIELDS.NOT of these octets of a header.
std::string headerOf(const imap::Section& section, std::string_view header);

/// "<offset.count>" of it.
std::string_view cut(std::string_view octets, const std::optional<imap::Partial>& partial);

}  // namespace posthouse::imapd
