#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string_view>

#include "async/task.h"
#include "httpclient/client.h"
#include "tokens/issuer_config.h"
#include "tokens/jwks.h"

namespace posthouse::accountd {

/// There are no keys, or none that can be used; what() is for logs.
class NoKeys : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Keys as they came.
struct FetchedKeys {
  Jwks keys;
  std::optional<std::chrono::seconds> freshness{};  // how long they are good, if it was said
};

/// Where the keys of an issuer are: a file, a URL, or a URL that the issuer's metadata tell.
class KeySource {
 public:
  virtual ~KeySource() = default;
  /// Throws NoKeys, httpclient::Failed; net::Interrupted for the stop.
  virtual Task<FetchedKeys> fetch(std::stop_token stop) = 0;
};

/// As the configuration says; not for introspection. Both must outlive it.
std::unique_ptr<KeySource> keySourceOf(const IssuerConfig& config, httpclient::Client& client);

/// max-age of a Cache-Control field (RFC 9111 §5.2.2), 0 for no-cache and no-store; nothing if it says neither.
std::optional<std::chrono::seconds> freshnessOf(std::string_view cacheControl);

}  // namespace posthouse::accountd
