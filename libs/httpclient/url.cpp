#include "httpclient/url.h"

#include <curl/curl.h>

#include <memory>

#include "base/ascii.h"
#include "net/address.h"

namespace posthouse::httpclient {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

Url parsed(const std::string& text) {
  Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return nullptr;
  return url;
}

std::string part(const Url& url, CURLUPart which) {
  char* text = nullptr;
  if (!url || curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

std::string schemeOf(const std::string& url) {
  return ascii::toLower(part(parsed(url), CURLUPART_SCHEME));
}

bool isLoopback(const std::string& url) {
  std::string host = part(parsed(url), CURLUPART_HOST);
  if (ascii::equalsIgnoringCase(host, "localhost")) return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return net::Address{host, 0, ""}.isLoopback();
}

std::optional<std::string> objection(const std::string& url) {
  const Url known = parsed(url);
  if (!known || part(known, CURLUPART_HOST).empty()) return "is not a URL";
  if (!part(known, CURLUPART_USER).empty() || !part(known, CURLUPART_PASSWORD).empty())
    return "is a URL with a name or a password in it";
  const std::string scheme = schemeOf(url);
  if (scheme == "https" || (scheme == "http" && isLoopback(url))) return std::nullopt;
  return "is not an https URL";
}

}  // namespace posthouse::httpclient
