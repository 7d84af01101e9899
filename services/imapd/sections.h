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
/// Of a section with Reach::stretch, its partial applied.
Stretch stretchOf(const imap::Section& section, const std::optional<imap::Partial>& partial,
                  const store::Summary& summary);

/// The octets of a section without its partial; nothing if there is no such part. `octets` is the header section for
/// Reach::header, else the message; `tree` is its structure, for Reach::tree only.
std::optional<std::string> sectionOctets(const imap::Section& section, std::string_view octets,
                                         const message::Part* tree);

/// "<offset.count>" of it.
std::string_view cut(std::string_view octets, const std::optional<imap::Partial>& partial);

}  // namespace posthouse::imapd
