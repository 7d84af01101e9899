// Mailboxes, xtext and enhanced status codes: what is read is written so that it reads the same.
#include <cstdint>
#include <cstdlib>

#include "smtp/enhanced_status.h"
#include "smtp/mailbox.h"
#include "smtp/xtext.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse::smtp;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto mailbox = parseMailbox(text); mailbox && parseMailbox(mailbox->text()) != mailbox) std::abort();

  if (xtext::decode(xtext::encode(text)) != text) std::abort();
  if (const auto octets = xtext::decode(text); octets && xtext::decode(xtext::encode(*octets)) != octets) std::abort();

  std::string_view rest = text;
  if (const auto status = takeEnhancedStatus(rest)) {
    const std::string again = status->text() + " x";
    std::string_view left = again;
    if (takeEnhancedStatus(left) != status || left != "x") std::abort();
  } else if (rest != text) {
    std::abort();
  }
  return 0;
}
