#pragma once
#include "message/mime.h"

namespace posthouse::test {

/// Whether the ranges of a tree are sound: header, then body, without a gap; parts in order, inside of their parent's
/// body.
inline bool isSound(const message::Part& part) {
  using Kind = message::Part::Kind;
  if (part.header.end() != part.body.offset) return false;
  if (part.kind == Kind::leaf && !part.parts.empty()) return false;
  if (part.kind == Kind::multipart && part.parts.empty()) return false;
  if (part.kind == Kind::message && part.parts.size() != 1) return false;
  std::size_t from = part.body.offset;
  for (const message::Part& inner : part.parts) {
    if (inner.header.offset < from || inner.body.end() > part.body.end() || !isSound(inner)) return false;
    from = inner.body.end();
  }
  return part.kind != Kind::message ||
         (part.parts[0].header.offset == part.body.offset && part.parts[0].body.end() == part.body.end());
}

}  // namespace posthouse::test
