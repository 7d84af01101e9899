// Content-Type and its kin: types are lower-case words, parameters have one name each and a text in UTF-8; what is
// built from them reads the same.
#include <cstdint>
#include <cstdlib>
#include <set>

#include "base/ascii.h"
#include "base/utf8.h"
#include "message/builder.h"
#include "message/charset.h"
#include "message/header.h"
#include "message/mime_field.h"

using namespace posthouse;

namespace {

void checkParameters(const std::vector<message::Parameter>& parameters) {
  if (parameters.size() > message::kMaxParameters) std::abort();
  std::set<std::string> names;
  for (const message::Parameter& parameter : parameters) {
    if (parameter.name.empty() || ascii::toLower(parameter.name) != parameter.name) std::abort();
    if (!names.insert(parameter.name).second) std::abort();
    if (!utf8::isValid(parameter.text())) std::abort();
  }
}

/// A file name as a client gives it, built into a field and read again.
void roundTrip(std::string_view octets) {
  std::string name = message::repairUtf8(octets);
  for (char& c : name) {
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  }
  if (name.empty() || name.contains("=?")) return;  // encoded words are read in parameters, too
  const message::Parameter parameter{"filename", name, false};
  message::HeaderBuilder builder;
  builder.parameterized("Content-Disposition", "attachment", std::span(&parameter, 1));
  const message::Header header(builder.octets());
  const auto value = header.value("Content-Disposition");
  if (!value || header.size() != builder.octets().size()) std::abort();
  const auto read = message::parseContentDisposition(*value);
  if (!read || read->type != "attachment" || read->parameters.size() != 1) std::abort();
  if (read->parameters[0].text() != name) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto media = message::parseContentType(text)) {
    if (media->type.empty() || media->subtype.empty()) std::abort();
    checkParameters(media->parameters);
  }
  if (const auto disposition = message::parseContentDisposition(text)) checkParameters(disposition->parameters);
  if (message::parseTransferEncoding(text).empty()) std::abort();
  for (const std::string& language : message::parseLanguages(text)) {
    if (language.empty()) std::abort();
  }
  roundTrip(text);
  return 0;
}
