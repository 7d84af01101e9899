#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "services/accountd/tokens/token_maker.h"
#include "support/quiet_sink.h"
#include "support/series.h"
#include "support/small_http_server.h"
#include "tokens/issuer_unavailable.h"
#include "tokens/token_verifier.h"

namespace posthouse::test {

/// An issuer on a web server of its own, and a verifier of its tokens, on one loop.
struct IssuerStreet {
  IssuerStreet() {
    metadata({{"issuer", url("")}, {"jwks_uri", url("/keys")}});
    keys({signer.jwk("one")});
    config.issuer = url("");
    config.audiences = {"mail"};
    config.scopes = {"mail"};
    config.domains = {"mail.test"};
  }
  ~IssuerStreet() { close(); }

  std::string url(const std::string& path) const { return server.url(path); }
  void metadata(const json& document) { pages["/.well-known/openid-configuration"] = ok(document.dump()); }
  void keys(const std::vector<json>& all) { pages["/keys"] = ok(setOf(all)); }
  void introspection(const json& answer) { pages["/introspect"] = ok(answer.dump()); }
  void asks() {
    config.verification = accountd::IssuerConfig::Verification::introspection;
    config.url = url("/introspect");
    config.clientId = "mail server";
    config.clientSecret = "s:e+cret%";
  }

  /// From now on, by the configuration.
  accountd::TokenVerifier& open() { return open({config}); }
  accountd::TokenVerifier& open(const std::vector<accountd::IssuerConfig>& issuers) {
    verifier.emplace(loop, issuers, registry, observe::Log(sink, "accountd", "1"), [this] { return now; });
    background.spawn(verifier->keep(stop.get_token()));
    return *verifier;
  }
  void close() {
    stop.request_stop();
    loop.runUntilDone(background.drained());
    verifier.reset();
    loop.runUntilDone(server.close());
  }

  json claims() const {
    return {{"iss", url("")},         {"aud", "mail"}, {"exp", seconds() + 300},    {"nbf", seconds()},
            {"scope", "openid mail"}, {"sub", "4711"}, {"email", "alice@mail.test"}};
  }
  json but(const json& changes) const {
    json changed = claims();
    changed.update(changes);
    return changed;
  }
  std::string token(const json& changes = json::object()) const {
    return signer.token({{"alg", "ES256"}, {"kid", "one"}, {"typ", "at+jwt"}}, but(changes));
  }
  std::int64_t seconds() const { return std::chrono::system_clock::to_time_t(now); }

  /// The account, or the reason; "unavailable".
  std::string verify(const std::string& token, const std::string& claimed = "") {
    try {
      const auto result =
          loop.runUntilDone(verifier->verify(token, accountd::parseAddress(claimed), accountd::Connection{}));
      return result ? result->text() : std::string(label(result.error()));
    } catch (const accountd::IssuerUnavailable&) {
      return "unavailable";
    }
  }
  int askedFor(const std::string& path) const {
    return static_cast<int>(
        std::ranges::count_if(server.asked, [&](const auto& asked) { return asked.line.contains(" " + path + " "); }));
  }

  static std::string ok(const std::string& body) {
    return SmallHttpServer::answer("200 OK", body, "Content-Type: application/json\r\n");
  }

  net::Loop loop;
  prometheus::Registry registry;
  QuietSink sink{registry};
  Signer signer{"P-256"};
  std::map<std::string, std::string> pages;  // answers by path; no such path: 404
  bool isDown = false;
  SmallHttpServer server{loop, [this](const SmallHttpServer::Asked& asked) -> std::optional<std::string> {
                           if (isDown) return SmallHttpServer::answer("503 Down", "");
                           const std::size_t begin = asked.line.find(' ') + 1;
                           const auto page = pages.find(asked.line.substr(begin, asked.line.rfind(' ') - begin));
                           return page == pages.end() ? SmallHttpServer::answer("404 Not Found", "") : page->second;
                         }};
  accountd::IssuerConfig config;
  std::chrono::system_clock::time_point now = std::chrono::system_clock::from_time_t(1'800'000'000);
  std::optional<accountd::TokenVerifier> verifier;
  std::stop_source stop;
  TaskGroup background;
};

}  // namespace posthouse::test
