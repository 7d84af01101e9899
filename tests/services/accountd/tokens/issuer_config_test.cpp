#include "tokens/issuer_config.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "config/configuration.h"
#include "support/child_process.h"

using namespace posthouse;
using namespace posthouse::accountd;
using Verification = IssuerConfig::Verification;

namespace {

struct Read {
  std::vector<IssuerConfig> issuers;
  std::string errors;
};

/// The issuers of a file with these lines in its one [[accountd.oauth]], which may begin another.
Read read(const std::string& lines) {
  auto configuration = config::Configuration::parse("[[accountd.oauth]]\n" + lines, "test", nullptr, {});
  config::Section section = configuration.section("accountd");
  Read result{readIssuers(section), {}};
  for (const std::string& line : configuration.errors().lines()) result.errors += line + "\n";
  return result;
}

}  // namespace

TEST_CASE("an issuer's keys are found by its metadata unless it is said where they are", "[accountd]") {
  const Read found = read("issuer = 'https://idp.test/realm/'\naudiences = ['mail']\n");
  CHECK(found.errors.empty());
  REQUIRE(found.issuers.size() == 1);
  CHECK(found.issuers[0].verification == Verification::keysFound);
  CHECK(found.issuers[0].openidConfiguration == "https://idp.test/realm/.well-known/openid-configuration");
  CHECK(metadataUrls("https://idp.test/realm") ==
        std::vector<std::string>{"https://idp.test/realm/.well-known/openid-configuration",
                                 "https://idp.test/.well-known/oauth-authorization-server/realm"});
  CHECK(metadataUrls("https://idp.test")[1] == "https://idp.test/.well-known/oauth-authorization-server");

  const Read told = read("issuer = 'accounts'\naudiences = ['mail']\njwks_url = 'https://idp.test/keys'\n");
  CHECK(told.errors.empty());
  CHECK(told.issuers[0].verification == Verification::keysByUrl);
  CHECK(told.issuers[0].openidConfiguration.empty());
}

TEST_CASE("all keys of an issuer are read", "[accountd]") {
  const Read all = read(
      "issuer = 'https://idp.test'\nintrospection_url = 'https://idp.test/introspect'\nclient_id = 'posthouse'\n"
      "client_secret = 'secret'\nintrospection_memory = '5s'\nscope = 'mail imap'\naccount_claim = 'username'\n"
      "domains = ['Mail.Test', 'bücher.test']\nleeway = '5s'\nopenid_configuration = 'https://idp.test/config'\n");
  CHECK(all.errors.empty());
  const IssuerConfig& issuer = all.issuers[0];
  CHECK(issuer.verification == Verification::introspection);
  CHECK(issuer.scopes == std::vector<std::string>{"mail", "imap"});
  CHECK(issuer.domains == std::vector<std::string>{"mail.test", "xn--bcher-kva.test"});
  CHECK(issuer.maySpeakFor("mail.test"));
  CHECK_FALSE(issuer.maySpeakFor("other.test"));
  CHECK(issuer.openidConfiguration == "https://idp.test/config");
}

TEST_CASE("what is wrong with an issuer is told", "[accountd]") {
  const std::string audience = "audiences = ['mail']\n";
  const std::string asked = "introspection_url = 'https://idp.test/i'\nclient_id = 'a'\nclient_secret = 'b'\n";
  const auto [lines, error] = GENERATE_COPY(table<std::string, std::string>({
      {audience, "issuer: is required"},
      {"issuer = 'https://idp.test'\n", "audiences: is required"},
      {"issuer = 'http://idp.test'\n" + audience, "issuer: is not an https URL"},
      {"issuer = 'idp'\n" + audience, "issuer: is not a URL"},
      {"issuer = 'idp'\njwks_url = 'http://idp.test/keys'\n" + audience, "jwks_url: is not an https URL"},
      {"issuer = 'idp'\njwks_url = 'https://a.test/'\njwks_file = '/dev/null'\n" + audience, "issuer: give one of"},
      {"issuer = 'idp'\njwks_file = '/nowhere/keys'\n" + audience, "jwks_file: cannot read /nowhere/keys"},
      {"issuer = 'idp'\njwks_file = '/dev/null'\n" + audience, "jwks_file: /dev/null: not JSON"},
      {"issuer = 'idp'\nintrospection_url = 'https://idp.test/i'\n", "client_id: introspection needs client_id"},
      {"issuer = 'idp'\nintrospection_url = 'https://idp.test/i'\nclient_id = 'a'\n", "client_id: introspection needs"},
      {"issuer = 'https://idp.test'\nclient_id = 'a'\n" + audience, "client_id: is for introspection_url"},
      {"issuer = 'https://idp.test'\ndomains = ['a b']\n" + audience, "domains: \"a b\" is not a domain"},
      {"issuer = 'https://idp.test'\nleeway = '1h'\n" + audience, "leeway: is at most 10m"},
      {"issuer = 'https://idp.test'\njwks_age = '1s'\n" + audience, "jwks_age: is at least 1m"},
      {"issuer = 'https://idp.test'\nca_file = '/nowhere'\n" + audience, "ca_file: cannot read /nowhere"},
      {"issuer = 'https://idp.test'\naudience = 'mail'\n" + audience, "audience: unknown key; did you mean audiences?"},
      {"issuer = 'https://a.test'\n" + audience + "[[accountd.oauth]]\nissuer = 'https://a.test'\n" + audience,
       "issuer: is there already"},
      {"issuer = 'a'\n" + asked + "[[accountd.oauth]]\nissuer = 'b'\n" + asked, "domains: of several with"},
      {"issuer = 'a'\ndomains = ['a.test']\n" + asked +
           "[[accountd.oauth]]\nissuer = 'b'\ndomains = ['b.test', 'a.test']\n" + asked,
       "domains: of several with"},
  }));
  CAPTURE(lines);
  const Read wrong = read(lines);
  CAPTURE(wrong.errors);
  CHECK(wrong.errors.contains(error));
}

TEST_CASE("issuers that are asked may have domains of their own", "[accountd]") {
  const std::string asked = "introspection_url = 'https://idp.test/i'\nclient_id = 'a'\nclient_secret = 'b'\n";
  const Read both = read("issuer = 'a'\ndomains = ['a.test']\n" + asked +
                         "[[accountd.oauth]]\nissuer = 'b'\ndomains = ['b.test']\n" + asked);
  CHECK(both.errors.empty());
  CHECK(both.issuers.size() == 2);
}
