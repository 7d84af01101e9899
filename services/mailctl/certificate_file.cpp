#include "certificate_file.h"

#include <fmt/format.h>

#include "exit_code.h"

namespace posthouse::mailctl {

std::string firstCertificate(std::string_view content, const std::string& name) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  const std::size_t begin = content.find(kBegin);
  const std::size_t end = content.find(kEnd, begin == content.npos ? 0 : begin);
  if (begin != content.npos && end != content.npos)
    return std::string(content.substr(begin, end + kEnd.size() - begin)) + "\n";
  const bool isText = content.contains("-----BEGIN ");
  const bool isDer = content.starts_with('\x30');
  if (isText || !isDer)
    throw Failure(ExitCode::failed, fmt::format("{} holds no certificate in PEM (-----BEGIN CERTIFICATE-----) or DER; "
                                                "take it out of PKCS #12 with: openssl pkcs12 -clcerts -nokeys",
                                                name));
  return std::string(content);
}

}  // namespace posthouse::mailctl
