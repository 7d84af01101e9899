#include "tokens/key_source.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/cursor.h"
#include "tokens/json.h"

namespace posthouse::accountd {
namespace {

using nlohmann::json;
using Verification = IssuerConfig::Verification;

constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kMostOctets = 256 * 1024;
constexpr int kRedirects = 3;

Jwks parsed(std::string_view text, const std::string& where) {
  auto keys = parseJwks(text);
  if (!keys) throw NoKeys(where + ": " + keys.error());
  return *std::move(keys);
}

/// Small, local, and read seldom: on the loop.
class KeysByFile final : public KeySource {
 public:
  explicit KeysByFile(std::string file) : file_(std::move(file)) {}

  Task<FetchedKeys> fetch(std::stop_token) override {
    std::ifstream stream(file_, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream || text.size() > kMostOctets) throw NoKeys("cannot read " + file_);
    co_return FetchedKeys{parsed(text, file_)};
  }

 private:
  const std::string file_;
};

class KeysByUrl : public KeySource {
 public:
  KeysByUrl(std::string url, httpclient::Client& client) : url_(std::move(url)), client_(client) {}

  Task<FetchedKeys> fetch(std::stop_token stop) override { return fetchFrom(url_, std::move(stop)); }

 protected:
  Task<httpclient::Response> get(std::string url, std::stop_token stop) {
    httpclient::Request request{.url = std::move(url),
                                .headers = {{"Accept", "application/jwk-set+json, application/json"}},
                                .maxBody = kMostOctets,
                                .maxRedirects = kRedirects};
    co_return co_await client_.fetch(std::move(request), {kPatience, std::move(stop)});
  }

  Task<FetchedKeys> fetchFrom(std::string url, std::stop_token stop) {
    const httpclient::Response response = co_await get(url, std::move(stop));
    if (response.status != 200) throw NoKeys(fmt::format("{} answered with status {}", url, response.status));
    co_return FetchedKeys{parsed(response.body, url), freshnessOf(response.header("Cache-Control").value_or(""))};
  }

  const std::string url_;

 private:
  httpclient::Client& client_;
};

/// Asks for the metadata each time: where the keys are may change.
class KeysFound final : public KeysByUrl {
 public:
  KeysFound(std::string issuer, httpclient::Client& client) : KeysByUrl(std::move(issuer), client) {}

  Task<FetchedKeys> fetch(std::stop_token stop) override {
    std::string location = co_await find(stop);
    co_return co_await fetchFrom(std::move(location), std::move(stop));
  }

 private:
  const std::string& issuer() const { return url_; }

  Task<std::string> find(std::stop_token stop) {
    int status = 0;
    for (const std::string& url : metadataUrls(issuer())) {
      const httpclient::Response response = co_await get(url, stop);
      status = response.status;
      if (status == 200) co_return keysUrl(response.body);
    }
    throw NoKeys(fmt::format("{} has no metadata: status {}", issuer(), status));
  }

  /// OpenID Connect Discovery §4.3, RFC 8414 §3.3: the metadata must be of this issuer, letter for letter.
  std::string keysUrl(const std::string& body) const try {
    const json metadata = parseJsonObject(body);
    if (metadata.value("issuer", "") != issuer()) throw NoKeys("the metadata of " + issuer() + " are another issuer's");
    std::string url = metadata.value("jwks_uri", "");
    if (url.empty()) throw NoKeys("the metadata of " + issuer() + " tell no jwks_uri");
    return url;
  } catch (const json::exception&) {
    throw NoKeys("the metadata of " + issuer() + " are no metadata");
  } catch (const SyntaxError& error) {
    throw NoKeys("the metadata of " + issuer() + ": " + error.what());
  }
};

}  // namespace

std::unique_ptr<KeySource> keySourceOf(const IssuerConfig& config, httpclient::Client& client) {
  if (config.verification == Verification::keysByFile) return std::make_unique<KeysByFile>(config.file);
  if (config.verification == Verification::keysByUrl) return std::make_unique<KeysByUrl>(config.url, client);
  return std::make_unique<KeysFound>(config.issuer, client);
}

std::optional<std::chrono::seconds> freshnessOf(std::string_view cacheControl) {
  std::optional<std::chrono::seconds> freshness;
  while (!cacheControl.empty()) {
    const std::size_t comma = std::min(cacheControl.find(','), cacheControl.size());
    const std::string_view directive = ascii::trimBlanks(cacheControl.substr(0, comma));
    cacheControl.remove_prefix(std::min(comma + 1, cacheControl.size()));
    if (ascii::equalsIgnoringCase(directive, "no-cache") || ascii::equalsIgnoringCase(directive, "no-store"))
      return std::chrono::seconds(0);
    if (!ascii::startsWithIgnoringCase(directive, "max-age=")) continue;
    const std::string_view digits = directive.substr(std::string_view("max-age=").size());
    std::uint32_t seconds = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), seconds).ec == std::errc{})
      freshness = std::chrono::seconds(seconds);
  }
  return freshness;
}

}  // namespace posthouse::accountd
