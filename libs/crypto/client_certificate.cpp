#include "crypto/client_certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "base/ascii.h"
#include "base/free_with.h"
#include "base/utf8.h"

namespace posthouse::crypto {
namespace {

void freeBio(BIO* bio) {
  BIO_free_all(bio);
}
using Bio = std::unique_ptr<BIO, FreeWith<freeBio>>;
using X509Pointer = std::unique_ptr<X509, FreeWith<X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

std::string_view octetsOf(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::optional<std::chrono::sys_seconds> timeOf(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(timegm(&fields)));
}

/// A name with control characters escaped; all that is not ASCII too, where the certificate holds no UTF-8 in spite of
/// what it says.
std::string subjectOf(X509& certificate) {
  const auto print = [&](unsigned long flags) {
    const Bio out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), X509_get_subject_name(&certificate), 0, flags);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return std::string(text, static_cast<std::size_t>(std::max(0L, size)));
  };
  std::string subject = print(XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  if (!utf8::isValid(subject)) subject = print(XN_FLAG_RFC2253);
  if (subject.size() > ClientCertificate::kMaxSubject) subject.resize(ClientCertificate::kMaxSubject);
  while (!utf8::isValid(subject)) subject.pop_back();
  return subject;
}

/// rfc822Name, RFC 5280 §4.2.1.6: a Mailbox of SMTP in IA5String.
std::optional<std::string_view> rfc822Name(const GENERAL_NAME& name) {
  if (name.type != GEN_EMAIL) return std::nullopt;
  const std::string_view text = octetsOf(name.d.rfc822Name);
  const bool isAscii = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
  return isAscii ? std::optional(text) : std::nullopt;
}

/// SmtpUTF8Mailbox, RFC 8398 §3: only for a local part that is not ASCII.
std::optional<std::string_view> smtpUtf8Mailbox(const GENERAL_NAME& name) {
  if (name.type != GEN_OTHERNAME || OBJ_obj2nid(name.d.otherName->type_id) != NID_id_on_SmtpUTF8Mailbox ||
      name.d.otherName->value->type != V_ASN1_UTF8STRING)
    return std::nullopt;
  const std::string_view text = octetsOf(name.d.otherName->value->value.utf8string);
  const std::string_view localPart = text.substr(0, text.rfind('@'));
  const bool isInternational = std::ranges::any_of(localPart, [](char c) { return (c & 0x80) != 0; });
  const bool isClean = utf8::isValid(text) && std::ranges::none_of(text, ascii::isControl);
  return isInternational && isClean ? std::optional(text) : std::nullopt;
}

std::vector<std::string> mailboxesOf(X509& certificate) {
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> mailboxes;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && mailboxes.size() < ClientCertificate::kMaxMailboxes; ++i) {
    const GENERAL_NAME& name = *sk_GENERAL_NAME_value(names.get(), i);
    if (const auto mailbox = rfc822Name(name)) mailboxes.emplace_back(*mailbox);
    if (const auto mailbox = smtpUtf8Mailbox(name)) mailboxes.emplace_back(*mailbox);
  }
  return mailboxes;
}

bool isForClients(X509& certificate) {
  const auto flags = X509_get_extension_flags(&certificate);
  if ((flags & EXFLAG_INVALID) != 0) return false;
  return (flags & EXFLAG_XKUSAGE) == 0 || (X509_get_extended_key_usage(&certificate) & XKU_SSL_CLIENT) != 0;
}

}  // namespace

std::optional<ClientCertificate> ClientCertificate::of(X509& certificate) {
  ERR_set_mark();
  ClientCertificate says;
  const auto notBefore = timeOf(X509_get0_notBefore(&certificate));
  const auto notAfter = timeOf(X509_get0_notAfter(&certificate));
  unsigned size = 0;
  const bool isDigested = X509_digest(&certificate, EVP_sha256(), says.fingerprint.octets.data(), &size) == 1;
  if (notBefore && notAfter && isDigested) {
    says.subject = subjectOf(certificate);
    says.mailboxes = mailboxesOf(certificate);
    says.notBefore = *notBefore;
    says.notAfter = *notAfter;
    says.isForClients = crypto::isForClients(certificate);
  }
  ERR_pop_to_mark();
  if (!notBefore || !notAfter || !isDigested) return std::nullopt;
  return says;
}

std::optional<ClientCertificate> ClientCertificate::parse(std::string_view octets) {
  ERR_set_mark();
  const Bio in(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
  X509Pointer certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (!certificate) {
    const auto* der = reinterpret_cast<const unsigned char*>(octets.data());
    certificate.reset(d2i_X509(nullptr, &der, static_cast<long>(octets.size())));
  }
  ERR_pop_to_mark();
  return certificate ? of(*certificate) : std::nullopt;
}

std::string fingerprintText(const Digest& fingerprint) {
  const std::string digits = ascii::toUpper(fingerprint.hex());
  std::string text;
  for (std::size_t i = 0; i < digits.size(); i += 2) text.append(i == 0 ? "" : ":").append(digits, i, 2);
  return text;
}

std::optional<Digest> parseFingerprint(std::string_view text) {
  constexpr std::size_t kWithColons = 32 * 3 - 1;
  if (text.contains(':') && text.size() != kWithColons) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ':') digits += ascii::toLower(text[i]);
    if (text[i] == ':' && i % 3 != 2) return std::nullopt;
  }
  const std::optional<std::string> octets = unhex(digits);
  Digest fingerprint;
  if (!octets || octets->size() != fingerprint.octets.size()) return std::nullopt;
  std::ranges::copy(*octets, fingerprint.octets.begin());
  return fingerprint;
}

}  // namespace posthouse::crypto
