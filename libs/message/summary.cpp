#include "message/summary.h"

#include <algorithm>
#include <unordered_set>

#include "base/ascii.h"
#include "message/bodystructure.h"
#include "message/encoded_word.h"
#include "message/envelope.h"
#include "message/message_id.h"
#include "message/subject.h"

namespace posthouse::message {

namespace {

/// Something a reader would list below the text: what says that it is an attachment; what has a file name; what is no
/// text, unless it is a picture inside of the text or a signature.
bool isAttachment(const Part& part, bool related) {
  if (part.disposition && part.disposition->type == "attachment") return true;
  const bool isInline = part.disposition && part.disposition->type == "inline";
  const bool picture = related && (part.id || isInline);
  if (part.kind == Part::Kind::message) return !isInline;
  if (picture) return false;
  if (part.mediaType.type == "text") return fileName(part).has_value() && !isInline;
  if (part.mediaType.type == "message") return false;  // the machine part of a report
  const bool signature = part.mediaType.is("application", "pgp-signature") ||
                         part.mediaType.is("application", "pkcs7-signature") ||
                         part.mediaType.is("application", "x-pkcs7-signature");
  return !signature;
}

bool hasAttachment(const Part& part, bool related) {
  if (part.kind != Part::Kind::multipart) return isAttachment(part, related);
  if (part.mediaType.subtype == "report") return false;
  const bool relatedHere = part.mediaType.subtype == "related";
  return std::ranges::any_of(part.parts, [&](const Part& inner) { return hasAttachment(inner, relatedHere); });
}

std::vector<std::string> references(const Header& header) {
  std::vector<std::string> ids;
  std::unordered_set<std::string> seen;
  for (const std::string_view name : {"References", "In-Reply-To"}) {
    const auto field = header.find(name);
    if (!field) continue;
    for (std::string& id : parseMessageIds(field->value)) {
      if (seen.insert(id).second) ids.push_back(std::move(id));
    }
  }
  return ids;
}

}  // namespace

Summary summarize(std::string_view message, const Part& root) {
  const Header header(root.header.of(message));
  Summary summary;
  summary.envelope = renderEnvelope(header);
  summary.bodyStructure = renderBodyStructure(message, root);
  summary.size = message.size();
  summary.headerSize = root.header.size;
  summary.hasAttachment = hasAttachment(root, false);
  if (const auto field = header.find("Message-ID")) summary.messageId = parseMessageId(field->value);
  summary.references = references(header);
  if (const auto field = header.find("Date")) summary.sentAt = parseDate(field->value);
  if (const auto subject = header.value("Subject")) {
    summary.subject = decodeEncodedWords(std::string_view(*subject).substr(0, kMaxRenderedValue));
    summary.baseSubject = baseSubject(summary.subject).text;
  }
  return summary;
}

Summary summarize(std::string_view message, const MimeLimits& limits) {
  return summarize(message, parseMime(message, limits));
}

}  // namespace posthouse::message
