#include "mail_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <string_view>

namespace posthouse::bench {
namespace {

constexpr std::size_t kLine = 78;  // with CRLF
constexpr std::size_t kSpare = 4096 * kLine;
constexpr std::size_t kText = 64 * 1024;  // what is larger is an attachment

/// Words in lines of equal length, which compress about as well as text does.
std::string words(std::size_t size) {
  constexpr std::array<std::string_view, 16> kSyllables = {"ka", "ri",  "mo", "ten", "sul", "ve", "dar", "no",
                                                           "li", "pas", "gu", "her", "im",  "fo", "ble", "wax"};
  std::minstd_rand random(1);
  std::string text;
  text.reserve(size + kLine);
  while (text.size() < size) {
    std::string line;
    while (line.size() < kLine - 2) {
      for (auto syllables = random() % 4 + 1; syllables > 0; --syllables)
        line += kSyllables[random() % kSyllables.size()];
      line += ' ';
    }
    line.resize(kLine - 3);
    text += line + ".\r\n";
  }
  return text;
}

/// Lines as base64 has them, of octets that nothing compresses.
std::string attachment(std::size_t size) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::mt19937 random(1);
  std::string text;
  text.reserve(size + kLine);
  while (text.size() < size) {
    for (std::size_t i = 0; i < kLine - 2; ++i) text += kAlphabet[random() % kAlphabet.size()];
    text += "\r\n";
  }
  return text;
}

}  // namespace

MailSource::MailSource(std::size_t size, std::size_t first)
    : size_(size),
      first_(first),
      run_(fmt::format("{:x}", std::chrono::system_clock::now().time_since_epoch().count())),
      text_(words(std::min(size, kText) + kSpare)),
      attachment_(size > kText ? attachment(size + kSpare) : std::string()) {}

std::string MailSource::mail(std::size_t number, const std::string& recipient) const {
  number += first_;
  std::string mail;
  mail.reserve(size_ + kLine);
  fmt::format_to(std::back_inserter(mail),
                 "From: Load client <load@client.test>\r\nTo: <{0}>\r\nSubject: Mail {1} of run {2}\r\n"
                 "Date: Sun, 22 Nov 2026 12:{3:02}:{4:02} +0000\r\nMessage-ID: <{1}.{2}@client.test>\r\n"
                 "MIME-Version: 1.0\r\nX-Number: {1}\r\n",
                 recipient, number, run_, number / 60 % 60, number % 60);
  const auto append = [&](const std::string& lines, std::size_t size) {
    const std::size_t count = size > mail.size() ? (size - mail.size()) / kLine + 1 : 1;
    mail.append(lines, number * 61 % 4096 * kLine, count * kLine);
  };
  constexpr std::string_view kIsText = "Content-Type: text/plain; charset=us-ascii\r\n\r\n";
  if (attachment_.empty()) {
    mail += kIsText;
    append(text_, size_);
  } else {
    mail += "Content-Type: multipart/mixed; boundary=\"=_part\"\r\n\r\n--=_part\r\n";
    mail += kIsText;
    append(text_, kText);
    mail +=
        "--=_part\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename=data\r\n\r\n";
    append(attachment_, size_);
    mail += "--=_part--\r\n";
  }
  return mail;
}

std::string numbered(const std::string& pattern, std::size_t number) {
  std::string address = pattern;
  if (const std::size_t mark = address.find('%'); mark != std::string::npos)
    address.replace(mark, 1, std::to_string(number));
  return address;
}

}  // namespace posthouse::bench
