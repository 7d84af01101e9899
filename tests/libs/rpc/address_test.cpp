#include "rpc/address.h"

#include <catch2/catch.hpp>

#include "rpc/security.h"
#include "support/authority.h"

using namespace posthouse;
using Lines = std::vector<std::string>;

namespace {

config::Configuration reading(const std::string& text) {
  return config::Configuration::parse(text, "t", nullptr, {});
}

constexpr const char* kNoTls = " needs mutual TLS: set grpc.certificate, grpc.key and grpc.ca_file, or use unix:/path";

}  // namespace

TEST_CASE("an address that no program could start with is told with its place", "[rpc]") {
  auto configuration = reading(
      "[accountd]\ngrpc_address = \"accountd:50008\"\n[filterd]\ngrpc_address = \"filterd\"\n"
      "[events]\npeers = [\"unix:/run/a\", \"imapd:50004\"]\n");
  CHECK(rpc::addressOf(configuration, "accountd") == "accountd:50008");
  rpc::addressOf(configuration, "filterd");
  rpc::addressOf(configuration, "relayd");
  config::Section events = configuration.section("events");
  CHECK(rpc::addresses(configuration, events, "peers") == Lines{"unix:/run/a", "imapd:50004"});
  CHECK(configuration.errors().lines() ==
        Lines{std::string("t:2:16: error: accountd.grpc_address: gRPC over TCP (accountd:50008)") + kNoTls,
              "t:4:16: error: filterd.grpc_address: \"filterd\" is not an address; write it as \"unix:/path\" or "
              "\"host:port\"",
              "t: error: relayd.grpc_address: is required",
              std::string("t:6:9: error: events.peers: gRPC over TCP (imapd:50004)") + kNoTls});
}

TEST_CASE("TCP with certificates and unix sockets are good addresses", "[rpc]") {
  auto configuration = reading(
      "[grpc]\ncertificate = \"c\"\n[accountd]\ngrpc_address = \"[::1]:50008\"\n"
      "[filterd]\ngrpc_address = \"unix:/run/f\"\n");
  CHECK(rpc::addressOf(configuration, "accountd") == "[::1]:50008");
  CHECK(rpc::addressOf(configuration, "filterd") == "unix:/run/f");
  config::Section smtpd = configuration.section("smtpd");
  CHECK(rpc::address(configuration, smtpd, "grpc_address").empty());
  CHECK(configuration.errors().empty());
}

TEST_CASE("files of [grpc] that cannot be used are told with their places", "[rpc]") {
  const test::Authority ours;
  const auto accountd = ours.issue("accountd"), smtpd = ours.issue("smtpd");
  const auto told = [](const std::string& certificate, const std::string& key, const std::string& authority) {
    auto configuration = reading("[grpc]\ncertificate = \"" + certificate + "\"\nkey = \"" + key + "\"\nca_file = \"" +
                                 authority + "\"\n");
    rpc::Security::from(configuration.section("grpc"));
    Lines places;
    for (const std::string& line : configuration.errors().lines())
      places.push_back(line.substr(0, line.find(" error")));
    return places;
  };
  CHECK(told(accountd.file, accountd.key, ours.file()).empty());
  CHECK(told("/nonexistent", accountd.key, "/nonexistent") == Lines{"t:2:15:", "t:4:11:"});
  CHECK(told(accountd.file, smtpd.key, ours.file()) == Lines{"t:3:7:"});
}
