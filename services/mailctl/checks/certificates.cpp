#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <stdexcept>

#include "checks/checks.h"
#include "crypto/certificate.h"

namespace posthouse::mailctl {
namespace {

constexpr std::chrono::days kSoon{14};

Finding dates(const std::string& file, const crypto::Certificate& certificate) {
  const auto now = std::chrono::system_clock::now();
  const auto left = std::chrono::floor<std::chrono::days>(certificate.notAfter - now);
  const std::string until =
      fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(certificate.notAfter)));
  if (certificate.notBefore > now)
    return {Grade::fail, "certificates", file + " is not valid yet", "set the clock, or wait"};
  if (certificate.notAfter <= now)
    return {Grade::fail, "certificates", fmt::format("{} expired on {}", file, until),
            "renew it; the programs read the new file by themselves"};
  const std::string what = fmt::format("{} is valid until {} ({} days)", file, until, left.count());
  if (left < kSoon)
    return {Grade::warn, "certificates", what, "renew it; the programs read the new file by themselves"};
  return {Grade::ok, "certificates", what, ""};
}

Finding names(const std::string& file, const crypto::Certificate& certificate, const std::string& hostname) {
  const std::string listed = fmt::format("{}", fmt::join(certificate.names, ", "));
  if (certificate.isFor(hostname)) return {Grade::ok, "certificates", fmt::format("{} is for {}", file, listed), ""};
  return {Grade::warn, "certificates", fmt::format("{} is for {}, not for {}", file, listed, hostname),
          "get one with the name that clients connect to, or correct [common] hostname"};
}

Findings inspect(const std::string& file, const std::string& key, const std::string& authority,
                 const std::string& hostname) {
  const crypto::Certificate certificate = crypto::readCertificate(file);
  Findings findings{dates(file, certificate)};
  if (!hostname.empty()) findings.push_back(names(file, certificate, hostname));
  if (!crypto::keyBelongsTo(key, file))
    findings.push_back({Grade::fail, "certificates", fmt::format("{} is not the key of {}", key, file),
                        "put the two that were made together there"});
  if (!crypto::isTrusted(file, authority))
    findings.push_back(
        {Grade::warn, "certificates",
         fmt::format("{} leads to no authority of {}", file, authority.empty() ? "this system" : authority),
         "append the intermediate certificates to the file, or name the authority's in ca_file"});
  return findings;
}

}  // namespace

Findings checkCertificates(Context& context) {
  Findings findings;
  for (const std::string_view section : {"tls", "grpc"}) {
    const std::string file = context.setting(section, "certificate");
    if (file.empty()) continue;
    // Programs know each other by the authority; clients know them by their name.
    const std::string hostname = section == "tls" ? context.setting("common", "hostname") : "";
    try {
      Findings some = inspect(file, context.setting(section, "key"), context.setting(section, "ca_file"), hostname);
      findings.insert(findings.end(), some.begin(), some.end());
    } catch (const std::runtime_error& error) {
      findings.push_back({Grade::fail, "certificates", error.what(),
                          fmt::format("correct [{}] certificate and key, or the files' permissions", section)});
    }
  }
  if (findings.empty())
    findings.push_back({Grade::warn, "certificates", "no certificate is configured: nobody but this machine can log in",
                        "set [tls] certificate and key"});
  return findings;
}

}  // namespace posthouse::mailctl
