// Internationalised domains, RFC 5891.
#include "message/domain.h"

#include <idn2.h>

#include <memory>

#include "base/free_with.h"
#include "base/is_ascii.h"

namespace posthouse::message {

std::optional<std::string> asciiDomain(std::string_view domain) {
  if (ascii::isAscii(domain)) return std::string(domain);
  if (domain.contains('\0')) return std::nullopt;
  char* converted = nullptr;
  const int result = idn2_to_ascii_8z(std::string(domain).c_str(), &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, FreeWith<idn2_free>> name(converted);
  if (result != IDN2_OK || std::string_view(name.get()).empty()) return std::nullopt;
  return name.get();
}

}  // namespace posthouse::message
