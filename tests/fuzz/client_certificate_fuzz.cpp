// Promise: whatever a client shows for a certificate, what is read of it can go anywhere: text without control
// characters, in UTF-8, of bounded size. A fingerprint is read back from its text.
#include "crypto/client_certificate.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"
#include "base/utf8.h"

using namespace posthouse;

namespace {

bool isClean(std::string_view text) {
  return utf8::isValid(text) && std::ranges::none_of(text, ascii::isControl);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto fingerprint = crypto::parseFingerprint(input);
      fingerprint && crypto::parseFingerprint(crypto::fingerprintText(*fingerprint)) != fingerprint)
    std::abort();
  const auto certificate = crypto::ClientCertificate::parse(input);
  if (!certificate) return 0;
  if (!isClean(certificate->subject) || certificate->subject.size() > crypto::ClientCertificate::kMaxSubject)
    std::abort();
  if (certificate->mailboxes.size() > crypto::ClientCertificate::kMaxMailboxes) std::abort();
  if (!std::ranges::all_of(certificate->mailboxes, isClean)) std::abort();
  return 0;
}
