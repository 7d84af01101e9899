#include "ldap/settings.h"

#include <fmt/format.h>
#include <ldap.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <set>

#include "base/ascii.h"
#include "directory/address.h"
#include "ldap/filter_syntax.h"

namespace posthouse::accountd::ldap {
namespace {

struct FreeUrl {
  void operator()(LDAPURLDesc* url) const noexcept { ldap_free_urldesc(url); }
};

std::optional<std::string> objectionToUrl(const std::string& text) {
  LDAPURLDesc* parsed = nullptr;
  if (ldap_url_parse(text.c_str(), &parsed) != LDAP_URL_SUCCESS)
    return fmt::format("\"{}\" is not an LDAP URL like ldaps://ldap.example.org or ldapi://%2Frun%2Fslapd%2Fldapi",
                       text);
  const std::unique_ptr<LDAPURLDesc, FreeUrl> url(parsed);
  const std::string_view scheme = url->lud_scheme;
  if (scheme != "ldap" && scheme != "ldaps" && scheme != "ldapi")
    return fmt::format("\"{}\" begins with none of ldaps://, ldap://, ldapi://", text);
  if (url->lud_dn != nullptr && *url->lud_dn != '\0')
    return fmt::format("\"{}\" names more than a server; what to search for is base, scope and user_filter", text);
  return std::nullopt;
}

Pattern readPattern(config::Section& section, std::string_view key, const std::string& text) {
  auto pattern = Pattern::parse(text);
  if (pattern) return *std::move(pattern);
  section.fail(key, pattern.error());
  return {};
}

Pattern readFilter(config::Section& section, std::string_view key, const std::string& text) {
  if (text.empty()) return {};
  Pattern filter = readPattern(section, key, text);
  if (filter.empty()) return filter;
  if (!filter.hasPlaces()) {
    section.fail(key, "matches the same for every address: it needs %{address} or %{local}");
  } else if (const auto objection = objectionToFilter(filter.asFilter({"user", "example.org"}))) {
    section.fail(key, *objection);
  }
  return filter;
}

std::string readAttribute(config::Section& section, std::string_view key, const std::string& otherwise) {
  std::string name = section.text(key, otherwise);
  for (const char c : name) {
    if (ascii::isAlnum(c) || c == '-' || c == '.' || c == ';' || c == '_') continue;
    section.fail(key, fmt::format("\"{}\" is not the name of an attribute", name));
    break;
  }
  return name;
}

void readServers(config::Section& section, Settings& settings) {
  settings.urls = section.list("urls");
  if (settings.urls.empty()) section.fail("urls", "is required: the servers, as [\"ldaps://ldap.example.org\"]");
  for (const std::string& url : settings.urls)
    if (const auto objection = objectionToUrl(url)) section.fail("urls", *objection);
  settings.startTls = section.flag("starttls", settings.startTls);
  settings.caFile = section.text("ca_file", settings.caFile);
  std::error_code error;
  if (section.has("ca_file") && !std::filesystem::exists(settings.caFile, error))
    section.fail("ca_file", fmt::format("there is no file {}", settings.caFile));
  settings.bindDn = section.text("bind_dn", "");
  settings.bindPassword = section.secret("bind_password", "");
  // A name without a password would be nobody's, silently (RFC 4513 §5.1.2).
  if (settings.bindDn.empty() != settings.bindPassword.empty())
    section.fail("bind_dn", "and bind_password go together: give both, or neither to search as nobody in particular");
}

void readSearches(config::Section& section, Settings& settings) {
  settings.base = readPattern(section, "base", section.text("base"));
  const std::string scope = section.choice("scope", {"sub", "one", "base"}, "sub");
  settings.scope = scope == "one" ? Scope::one : scope == "base" ? Scope::base : Scope::subtree;
  settings.userFilter = readFilter(section, "user_filter", section.text("user_filter", "(mail=%{address})"));
  if (settings.userFilter.empty()) section.fail("user_filter", "is empty");
  settings.aliasFilter = readFilter(section, "alias_filter", section.text("alias_filter", ""));
  settings.groupFilter = readFilter(section, "group_filter", section.text("group_filter", ""));
  settings.enabledFilter = section.text("enabled_filter", "");
  if (!settings.enabledFilter.empty())
    if (const auto objection = objectionToFilter(settings.enabledFilter)) section.fail("enabled_filter", *objection);
  settings.addressAttribute = readAttribute(section, "address_attribute", settings.addressAttribute);
  settings.memberAttribute = readAttribute(section, "member_attribute", settings.memberAttribute);
  settings.quotaAttribute = readAttribute(section, "quota_attribute", settings.quotaAttribute);
  settings.quotaUnit = static_cast<std::int64_t>(section.bytes("quota_unit", 1));
  if (settings.quotaUnit < 1 || settings.quotaUnit > (std::int64_t{1} << 40))
    section.fail("quota_unit", "must be between 1B and 1TiB");
}

void readBounds(config::Section& section, Settings& settings) {
  settings.connections = static_cast<std::size_t>(section.integer("connections", 4, 1, 64));
  settings.timeout = section.duration("timeout", settings.timeout);
  if (settings.timeout < std::chrono::milliseconds(100) || settings.timeout > std::chrono::seconds(60))
    section.fail("timeout", "must be between 100ms and 60s");
  settings.cacheAge = section.duration("cache_age", settings.cacheAge);
  settings.negativeCacheAge = section.duration("negative_cache_age", settings.negativeCacheAge);
  settings.cacheSize = static_cast<std::size_t>(section.integer("cache_size", 100'000, 1, 10'000'000));
  settings.passwordMemory = section.duration("password_memory", settings.passwordMemory);
}

}  // namespace

Settings Settings::from(config::Section& section) {
  Settings settings;
  settings.name = section.text("name");
  for (const std::string& text : section.list("domains")) {
    const auto domain = parseDomain(text);
    if (domain) settings.domains.push_back(*domain);
    if (!domain) section.fail("domains", fmt::format("\"{}\" is not a domain name", text));
  }
  if (!section.has("domains")) section.fail("domains", "is required: those whose users are in this directory");
  readServers(section, settings);
  readSearches(section, settings);
  readBounds(section, settings);
  section.rejectUnread();
  return settings;
}

std::vector<Settings> readDirectories(config::Section& accountd) {
  std::vector<Settings> directories;
  std::set<std::string> names;
  std::set<std::string> domains;
  for (config::Section& section : accountd.tables("ldap")) {
    Settings settings = Settings::from(section);
    if (!names.insert(settings.name).second) section.fail("name", "another directory has it");
    for (const std::string& domain : settings.domains)
      if (!domains.insert(domain).second) section.fail("domains", domain + " is served twice");
    directories.push_back(std::move(settings));
  }
  return directories;
}

}  // namespace posthouse::accountd::ldap
