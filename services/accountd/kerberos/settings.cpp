#include "kerberos/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "kerberos/keytab.h"
#include "kerberos/services.h"

namespace posthouse::accountd {
namespace {

std::vector<std::string> knownServices() {
  std::vector<std::string> names;
  for (const KerberosService& service : kKerberosServices) names.emplace_back(service.name);
  return names;
}

/// Of these, those that the keytab has keys of: of imap/mail.example.org@EXAMPLE.ORG.
std::vector<std::string> withKeys(const std::vector<std::string>& services,
                                  const std::vector<std::string>& principals) {
  std::vector<std::string> found;
  for (const std::string& service : services) {
    const auto isOf = [&](const std::string& principal) { return principal.starts_with(service + "/"); };
    if (std::ranges::any_of(principals, isOf)) found.push_back(service);
  }
  return found;
}

/// Where Kerberos notes which tickets it has seen, unless it is told (MIT: lib/krb5/rcache/rc_dfl.c).
std::filesystem::path defaultReplayFolder() {
  for (const char* name : {"KRB5RCACHEDIR", "TMPDIR"})
    if (const char* folder = std::getenv(name)) return folder;
  return "/var/tmp";
}

void checkReplayCache(config::Section& section, const std::string& file) {
  const std::filesystem::path folder =
      file.empty() ? defaultReplayFolder() : std::filesystem::absolute(file).parent_path();
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return;
  section.fail("kerberos_replay_cache",
               fmt::format("a file for it cannot be made in {}; name one in a folder that accountd may write to",
                           folder.string()));
}

/// Those that are wanted, or all that the keytab has keys of if none is named.
std::vector<std::string> chooseServices(config::Section& section, std::vector<std::string> wanted,
                                        const std::vector<std::string>& principals) {
  const std::vector<std::string> known = knownServices();
  const std::vector<std::string> possible = withKeys(known, principals);
  if (possible.empty())
    section.fail("keytab", fmt::format("holds no key of a service of ours ({}), only of {}", fmt::join(known, ", "),
                                       fmt::join(principals, ", ")));
  for (const std::string& service : wanted) {
    if (std::ranges::find(known, service) == known.end()) {
      section.fail("kerberos_services", fmt::format("{} is none of {}", service, fmt::join(known, ", ")));
    } else if (std::ranges::find(possible, service) == possible.end()) {
      section.fail("kerberos_services",
                   fmt::format("the keytab has no key of {}/HOST, only of {}", service, fmt::join(principals, ", ")));
    }
  }
  return wanted.empty() ? possible : std::move(wanted);
}

}  // namespace

std::optional<std::string> KerberosSettings::serviceOf(std::string_view protocol) const {
  const auto service = std::ranges::find(kKerberosServices, protocol, &KerberosService::protocol);
  if (service == kKerberosServices.end()) return std::nullopt;
  const auto accepted = std::ranges::find(services, service->name);
  return accepted == services.end() ? std::nullopt : std::optional(*accepted);
}

KerberosSettings KerberosSettings::from(config::Section& section) {
  KerberosSettings settings;
  settings.keytab = section.text("keytab", "");
  settings.replayCache = section.text("kerberos_replay_cache", "");
  std::vector<std::string> wanted = section.list("kerberos_services");
  if (!settings.isSet()) {
    if (!wanted.empty())
      section.fail("kerberos_services", "tickets can only be accepted with a keytab: set accountd.keytab");
    return settings;
  }
  const auto principals = readKeytab(settings.keytab);
  if (!principals) {
    section.fail("keytab", "cannot be read: " + principals.error());
  } else if (principals->empty()) {
    section.fail("keytab", settings.keytab + " holds no key; fill it with kadmin's ktadd");
  } else {
    settings.services = chooseServices(section, std::move(wanted), *principals);
  }
  checkReplayCache(section, settings.replayCache);
  return settings;
}

}  // namespace posthouse::accountd
