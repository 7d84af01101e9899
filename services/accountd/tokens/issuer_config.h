#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"

namespace posthouse::accountd {

/// One [[accountd.oauth]]: who issues tokens, how they are verified, and what they must say.
struct IssuerConfig {
  enum class Verification {
    keysByUrl,      // signatures, by keys from jwks_url
    keysByFile,     // from jwks_file
    keysFound,      // from where the issuer's metadata says (OpenID Connect Discovery, RFC 8414)
    introspection,  // the issuer is asked about each token (RFC 7662)
  };

  std::string issuer;  // as "iss" has it, letter for letter
  Verification verification = Verification::keysFound;
  std::string url;       // of the keys, or to ask at
  std::string file;      // of the keys
  std::string clientId;  // with introspection: as whom we ask
  std::string clientSecret;
  std::string caFile;  // PEM: whom the issuer's certificate must be from; empty: whom the system trusts
  std::chrono::milliseconds keysAge =
      std::chrono::hours(1);  // before they are fetched again, if the server does not say
  std::chrono::milliseconds introspectionMemory = std::chrono::minutes(1);  // how long an answer is good

  std::vector<std::string> audiences;  // one of them must be the token's; empty, with introspection only: any
  std::vector<std::string> scopes;     // all of which the token must have
  std::string accountClaim = "email";
  std::vector<std::string> domains;  // of whose accounts it may speak, in ASCII; empty: of all
  std::chrono::milliseconds leeway = std::chrono::seconds(30);  // by which clocks may differ

  std::string openidConfiguration;  // URL that clients are told where a token is refused; empty: none

  bool maySpeakFor(std::string_view domain) const;
};

/// [[accountd.oauth]]; what is wrong is noted.
std::vector<IssuerConfig> readIssuers(config::Section& accountd);

/// Where an issuer's metadata is: OpenID Connect Discovery §4, then RFC 8414 §3.
std::vector<std::string> metadataUrls(const std::string& issuer);

}  // namespace posthouse::accountd
