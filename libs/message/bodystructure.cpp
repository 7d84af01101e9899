// BODY and BODYSTRUCTURE, RFC 9051 §7.5.2 and §9.
#include "message/bodystructure.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/envelope.h"
#include "message/imap_string.h"

namespace posthouse::message {

namespace {

void appendBounded(std::string& out, std::string_view value) {
  appendString(out, value.substr(0, kMaxRenderedValue));
}

void appendOptional(std::string& out, const std::optional<std::string>& value) {
  if (value) {
    appendBounded(out, *value);
  } else {
    out += "NIL";
  }
}

/// body-fld-param = "(" string SP string *(SP string SP string) ")" / nil. An extended one keeps its "*" (RFC 2231 §4).
void appendParameters(std::string& out, const std::vector<Parameter>& parameters, bool addCharset) {
  if (parameters.empty() && !addCharset) {
    out += "NIL";
    return;
  }
  out += '(';
  for (const Parameter& parameter : parameters) {
    if (&parameter != &parameters.front()) out += ' ';
    appendBounded(out, parameter.name + (parameter.extended ? "*" : ""));
    out += ' ';
    appendBounded(out, parameter.value);
  }
  if (addCharset) out += parameters.empty() ? R"("charset" "us-ascii")" : R"( "charset" "us-ascii")";
  out += ')';
}

/// SP body-fld-dsp SP body-fld-lang SP body-fld-loc
void appendExtension(std::string& out, const Part& part) {
  if (part.disposition) {
    out += " (";
    appendBounded(out, part.disposition->type);
    out += ' ';
    appendParameters(out, part.disposition->parameters, false);
    out += ")";
  } else {
    out += " NIL";
  }
  out += part.languages.empty() ? " NIL" : " (";
  for (const std::string& language : part.languages) {
    if (&language != &part.languages.front()) out += ' ';
    appendBounded(out, language);
  }
  if (!part.languages.empty()) out += ')';
  out += ' ';
  appendOptional(out, part.location);
}

void appendBody(std::string& out, std::string_view message, const Part& part);

/// body-type-mpart = 1*body SP media-subtype SP body-ext-mpart
void appendMultipart(std::string& out, std::string_view message, const Part& part) {
  for (const Part& inner : part.parts) appendBody(out, message, inner);
  out += ' ';
  appendBounded(out, part.mediaType.subtype);
  out += ' ';
  appendParameters(out, part.mediaType.parameters, false);
  appendExtension(out, part);
}

/// body-type-1part = (body-type-basic / body-type-msg / body-type-text) SP body-ext-1part
void appendSingle(std::string& out, std::string_view message, const Part& part) {
  const bool text = part.mediaType.type == "text";
  appendBounded(out, part.mediaType.type);
  out += ' ';
  appendBounded(out, part.mediaType.subtype);
  out += ' ';
  appendParameters(out, part.mediaType.parameters, text && part.mediaType.parameter("charset") == nullptr);
  out += ' ';
  appendOptional(out, part.id);
  out += ' ';
  appendOptional(out, part.description);
  out += ' ';
  appendBounded(out, part.transferEncoding);
  out += ' ' + std::to_string(part.body.size);
  if (part.kind == Part::Kind::message) {
    const Part& inner = part.parts.front();
    out += ' ' + renderEnvelope(Header(inner.header.of(message))) + ' ';
    appendBody(out, message, inner);
  }
  if (text || part.kind == Part::Kind::message) out += ' ' + std::to_string(part.bodyLines);
  out += ' ';
  appendOptional(out, part.md5);
  appendExtension(out, part);
}

void appendBody(std::string& out, std::string_view message, const Part& part) {
  out += '(';
  if (part.kind == Part::Kind::multipart) {
    appendMultipart(out, message, part);
  } else {
    appendSingle(out, message, part);
  }
  out += ')';
}

std::string orIfLong(const std::string& word, std::string_view otherwise) {
  constexpr std::size_t kLongestWord = 64;
  return word.size() <= kLongestWord ? word : std::string(otherwise);
}

/// The same tree with no more than its types, encodings and sizes; without a header a message has an empty ENVELOPE.
Part bare(const Part& part) {
  Part copy;
  copy.kind = part.kind;
  copy.header.offset = part.header.offset;
  copy.body = part.body;
  copy.bodyLines = part.bodyLines;
  copy.mediaType.type = orIfLong(part.mediaType.type, "application");
  copy.mediaType.subtype = orIfLong(part.mediaType.subtype, "octet-stream");
  copy.transferEncoding = orIfLong(part.transferEncoding, "x-unknown");
  copy.parts.reserve(part.parts.size());
  for (const Part& inner : part.parts) copy.parts.push_back(bare(inner));
  return copy;
}

}  // namespace

std::string renderBodyStructure(std::string_view message, const Part& part) {
  std::string out;
  appendBody(out, message, part);
  if (out.size() <= kMaxBodyStructure) return out;
  out.clear();
  appendBody(out, message, bare(part));
  return out;
}

}  // namespace posthouse::message
