// Section specifications, RFC 9051 §6.4.5.1.
#include "message/section.h"

namespace posthouse::message {

const Part* findPart(const Part& message, std::span<const std::uint32_t> path) {
  const Part* holder = &message;  // what the next number counts in
  const Part* part = nullptr;
  for (const std::uint32_t number : path) {
    if (holder == nullptr || number == 0) return nullptr;
    if (holder->kind == Part::Kind::multipart) {
      if (number > holder->parts.size()) return nullptr;
      part = &holder->parts[number - 1];
    } else {
      if (number != 1) return nullptr;
      part = holder;
    }
    holder = part->kind == Part::Kind::multipart ? part
             : part->kind == Part::Kind::message ? &part->parts.front()
                                                 : nullptr;
  }
  return part;
}

std::optional<Range> findSection(const Part& message, std::span<const std::uint32_t> path, SectionPart what) {
  const Part* part = path.empty() ? &message : findPart(message, path);
  if (part == nullptr) return std::nullopt;
  if (what == SectionPart::content) return path.empty() ? part->whole() : part->body;
  if (what == SectionPart::mime) {
    if (path.empty()) return std::nullopt;
    return part->header;
  }
  if (!path.empty()) {
    if (part->kind != Part::Kind::message) return std::nullopt;
    part = &part->parts.front();
  }
  return what == SectionPart::header ? part->header : part->body;
}

}  // namespace posthouse::message
