#include "tokens/issuer_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "directory/address.h"
#include "httpclient/url.h"
#include "tokens/jwks.h"

namespace posthouse::accountd {
namespace {

using Verification = IssuerConfig::Verification;

/// A URL that will be fetched; empty if it is not set.
std::string url(config::Section& table, std::string_view key) {
  std::string text = table.text(key, "");
  if (text.empty()) return text;
  if (const auto why = httpclient::objection(text)) table.fail(key, *why);
  return text;
}

void readKeysFile(config::Section& table, IssuerConfig& config) {
  std::ifstream stream(config.file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) return table.fail("jwks_file", fmt::format("cannot read {}", config.file));
  if (const auto keys = parseJwks(text); !keys)
    table.fail("jwks_file", fmt::format("{}: {}", config.file, keys.error()));
}

void readVerification(config::Section& table, IssuerConfig& config) {
  const std::string keys = url(table, "jwks_url");
  const std::string introspection = url(table, "introspection_url");
  config.file = table.text("jwks_file", "");
  config.url = keys.empty() ? introspection : keys;
  if (!keys.empty() + !introspection.empty() + !config.file.empty() > 1)
    table.fail("issuer", "give one of jwks_url, jwks_file and introspection_url; none, and the issuer's metadata tell");
  if (!keys.empty()) config.verification = Verification::keysByUrl;
  if (!config.file.empty()) {
    config.verification = Verification::keysByFile;
    readKeysFile(table, config);
  }
  if (!introspection.empty()) config.verification = Verification::introspection;
  if (config.verification == Verification::keysFound) {
    if (const auto why = httpclient::objection(config.issuer))
      table.fail("issuer", *why + ": give jwks_url, jwks_file or introspection_url");
  }
}

void readIntrospection(config::Section& table, IssuerConfig& config) {
  config.clientId = table.text("client_id", "");
  config.clientSecret = table.secret("client_secret", "");
  config.introspectionMemory = table.duration("introspection_memory", config.introspectionMemory);
  const bool asks = config.verification == Verification::introspection;
  if (asks && (config.clientId.empty() || config.clientSecret.empty()))
    table.fail("client_id", "introspection needs client_id, and client_secret or client_secret_file (RFC 7662 §2.1)");
  if (!asks && !config.clientId.empty()) table.fail("client_id", "is for introspection_url");
}

void readDemands(config::Section& table, IssuerConfig& config) {
  config.audiences = table.list("audiences");
  if (config.audiences.empty() && config.verification != Verification::introspection)
    table.fail("audiences",
               "is required: what \"aud\" holds in tokens for mail, or those for anything else log in here");
  const std::string scope = table.text("scope", "");
  for (std::size_t begin = 0; begin < scope.size();) {
    const std::size_t end = std::min(scope.find(' ', begin), scope.size());
    if (end > begin) config.scopes.push_back(scope.substr(begin, end - begin));
    begin = end + 1;
  }
  config.accountClaim = table.text("account_claim", config.accountClaim);
  config.leeway = table.duration("leeway", config.leeway);
  if (config.leeway > std::chrono::minutes(10)) table.fail("leeway", "is at most 10m");
  for (const std::string& domain : table.list("domains")) {
    if (const auto parsed = parseDomain(domain)) {
      config.domains.push_back(*parsed);
    } else {
      table.fail("domains", fmt::format("\"{}\" is not a domain", domain));
    }
  }
}

IssuerConfig readIssuer(config::Section& table) {
  IssuerConfig config;
  config.issuer = table.text("issuer");
  readVerification(table, config);
  readIntrospection(table, config);
  readDemands(table, config);
  config.caFile = table.text("ca_file", "");
  if (!config.caFile.empty() && !std::ifstream(config.caFile))
    table.fail("ca_file", fmt::format("cannot read {}", config.caFile));
  config.keysAge = table.duration("jwks_age", config.keysAge);
  if (config.keysAge < std::chrono::minutes(1)) table.fail("jwks_age", "is at least 1m");
  config.openidConfiguration = table.text("openid_configuration", "");
  if (config.openidConfiguration.empty() && config.verification == Verification::keysFound)
    config.openidConfiguration = metadataUrls(config.issuer).front();
  table.rejectUnread();
  return config;
}

bool overlap(const IssuerConfig& a, const IssuerConfig& b) {
  if (a.domains.empty() || b.domains.empty()) return true;
  return std::ranges::any_of(a.domains, [&](const std::string& domain) { return b.maySpeakFor(domain); });
}

/// A token that is no JWT does not tell whose it is, and nobody is shown another's: the account's domain must tell.
bool isAmbiguous(const IssuerConfig& config, const std::vector<IssuerConfig>& others) {
  return config.verification == Verification::introspection &&
         std::ranges::any_of(others, [&](const IssuerConfig& other) {
           return other.verification == Verification::introspection && overlap(config, other);
         });
}

}  // namespace

bool IssuerConfig::maySpeakFor(std::string_view domain) const {
  return domains.empty() || std::ranges::find(domains, domain) != domains.end();
}

std::vector<IssuerConfig> readIssuers(config::Section& accountd) {
  std::vector<IssuerConfig> issuers;
  if (!accountd.has("oauth")) return issuers;
  for (config::Section& table : accountd.tables("oauth")) {
    IssuerConfig config = readIssuer(table);
    if (std::ranges::find(issuers, config.issuer, &IssuerConfig::issuer) != issuers.end())
      table.fail("issuer", "is there already");
    if (isAmbiguous(config, issuers))
      table.fail("domains", "of several with introspection_url, each needs domains of its own");
    issuers.push_back(std::move(config));
  }
  return issuers;
}

std::vector<std::string> metadataUrls(const std::string& issuer) {
  std::string base = issuer;
  if (base.ends_with('/')) base.pop_back();
  const std::size_t scheme = base.find("://");
  const std::size_t path = scheme == std::string::npos ? std::string::npos : base.find('/', scheme + 3);
  std::string inserted = base;
  inserted.insert(std::min(path, base.size()), "/.well-known/oauth-authorization-server");
  return {base + "/.well-known/openid-configuration", std::move(inserted)};
}

}  // namespace posthouse::accountd
