#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "message/mime.h"
#include "message/range.h"

namespace posthouse::message {

/// What of a part IMAP's section means: BODY[1], BODY[1.HEADER], BODY[1.TEXT], BODY[1.MIME]. HEADER.FIELDS is `header`,
/// through selectFields.
enum class SectionPart { content, header, text, mime };

/// Where the octets of a section are (RFC 9051 §6.4.5.1), or nothing if the message has no such part.
/// - No numbers: the message itself, its header, its text; there is no mime.
/// - Part 1 of what is no multipart is its body.
/// - The parts of a message/rfc822 are those of the message in it; header and text with numbers are for it alone.
std::optional<Range> findSection(const Part& message, std::span<const std::uint32_t> path, SectionPart what);

/// The part of these numbers, or null. Its body is what BODY[1.2] and BINARY[1.2] mean.
const Part* findPart(const Part& message, std::span<const std::uint32_t> path);

}  // namespace posthouse::message
