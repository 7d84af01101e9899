#include "mechanisms/external.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "logins/mechanisms.h"
#include "net/loop.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;
using Result = Outcome::Result;

namespace {

const auto kNow = std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000));

struct FakeHolders final : CertificateHolders {
  std::map<std::string, CertificateHolder> byFingerprint;
  std::map<std::string, CertificateHolder> byAddress;

  Task<std::optional<CertificateHolder>> registered(std::string fingerprint) override {
    const auto found = byFingerprint.find(fingerprint);
    if (found == byFingerprint.end()) co_return std::nullopt;
    co_return found->second;
  }
  Task<std::vector<CertificateHolder>> individuals(std::vector<std::string> addresses) override {
    std::vector<CertificateHolder> found;
    for (const auto& [address, holder] : byAddress)
      if (std::ranges::find(addresses, address) != addresses.end()) found.push_back(holder);
    co_return found;
  }
};

/// A client that says these things, one after the other.
struct Client final : Conversation {
  explicit Client(std::vector<std::string> says) : responses(std::move(says)) {}
  Task<std::string> ask(std::string challenge) override {
    challenges.push_back(std::move(challenge));
    if (responses.empty()) throw ConversationEnded();
    std::string response = std::move(responses.front());
    responses.erase(responses.begin());
    co_return response;
  }
  std::vector<std::string> responses;
  std::vector<std::string> challenges;
};

struct Office {
  Office() {
    for (const char* address : {"alice@mail.test", "bob@mail.test", "zo\u00eb@mail.test"})
      holders.byAddress[address] = {static_cast<std::int64_t>(holders.byAddress.size()) + 1, address};
    holders.byAddress["off@mail.test"] = {7, "off@mail.test", false};
    holders.byFingerprint["device"] = {1, "alice@mail.test"};
    holders.byFingerprint["off"] = {7, "off@mail.test", false};
    mechanisms.offer(std::make_unique<External>(holders, [] { return kNow; }));
  }
  Outcome ask(const std::optional<ClientCertificate>& certificate, std::optional<std::string> authorizationIdentity) {
    const Connection connection{.protocol = "imap",
                                .remoteAddress = "192.0.2.1",
                                .sessionId = "S",
                                .isTls = true,
                                .channelBindings = {},
                                .clientCertificate = certificate};
    return loop.runUntilDone(mechanisms.exchange("external", std::move(authorizationIdentity), connection, client));
  }

  net::Loop loop;
  FakeHolders holders;
  Mechanisms mechanisms;
  Client client{{}};
};

ClientCertificate certificate(std::string fingerprint, bool isTrusted, std::vector<std::string> mailboxes) {
  return {.fingerprint = std::move(fingerprint),
          .subject = "CN=x",
          .mailboxes = std::move(mailboxes),
          .notBefore = kNow - 1h,
          .notAfter = kNow + 1h,
          .isForClients = true,
          .isTrusted = isTrusted,
          .objection = isTrusted ? "" : "self-signed certificate"};
}

}  // namespace

TEST_CASE("a certificate is of whom it is registered for, or else of whom an authority says", "[accountd]") {
  using Mailboxes = std::vector<std::string>;
  const auto [fingerprint, isTrusted, mailboxes, authorizationIdentity, result, address] =
      GENERATE(table<std::string, bool, Mailboxes, std::string, Result, std::string>({
          {"device", false, {}, "", Result::ok, "alice@mail.test"},
          {"device", false, {}, "Alice@MAIL.test", Result::ok, "alice@mail.test"},
          {"device", false, {}, "bob@mail.test", Result::notAuthorized, ""},
          {"device", true, {"bob@mail.test"}, "", Result::ok, "alice@mail.test"},  // the administrator's word
          {"device", true, {"bob@mail.test"}, "bob@mail.test", Result::notAuthorized, ""},
          {"other", false, {"alice@mail.test"}, "", Result::badCertificate, ""},  // anybody can write that
          {"other", false, {"alice@mail.test"}, "alice@mail.test", Result::badCertificate, ""},
          {"other", true, {"Alice@Mail.test"}, "", Result::ok, "alice@mail.test"},
          {"other", true, {"zo\u00eb@mail.test"}, "", Result::ok, "zo\u00eb@mail.test"},
          {"other", true, {"alice@mail.test"}, "bob@mail.test", Result::notAuthorized, ""},
          {"other", true, {"alice@mail.test"}, "nobody@mail.test", Result::notAuthorized, ""},
          {"other", true, {"alice@mail.test"}, "no address", Result::notAuthorized, ""},
          {"other", true, {"alice@mail.test", "x@else.example"}, "", Result::ok, "alice@mail.test"},
          {"other", true, {"alice@mail.test", "bob@mail.test"}, "", Result::badCertificate, ""},
          {"other", true, {"alice@mail.test", "bob@mail.test"}, "bob@mail.test", Result::ok, "bob@mail.test"},
          {"other", true, {"alice+x@mail.test"}, "", Result::badCertificate, ""},  // a login has no detail
          {"other", true, {"nobody@mail.test", "not an address"}, "", Result::badCertificate, ""},
          {"other", true, {}, "alice@mail.test", Result::badCertificate, ""},
          {"off", false, {}, "", Result::disabled, ""},
          {"other", true, {"off@mail.test"}, "", Result::disabled, ""},
      }));
  CAPTURE(fingerprint, isTrusted, mailboxes, authorizationIdentity);
  Office office;
  const Outcome outcome = office.ask(certificate(fingerprint, isTrusted, mailboxes), authorizationIdentity);
  CHECK(outcome.result == result);
  CHECK(outcome.address == address);
  CHECK((outcome.account != 0) == (result == Result::ok));
  CHECK((outcome.result == Result::badCertificate) == !outcome.text.empty());
  CHECK(office.client.challenges.empty());
}

TEST_CASE("a certificate that is good for nobody is refused with the reason, whoever vouches for it", "[accountd]") {
  Office office;
  ClientCertificate good = GENERATE(certificate("device", false, {}), certificate("other", true, {"alice@mail.test"}));
  REQUIRE(office.ask(good, "").result == Result::ok);
  const auto expect = [&](const auto& spoil, const std::string& reason) {
    ClientCertificate bad = good;
    spoil(bad);
    const Outcome outcome = office.ask(bad, "");
    CHECK(outcome.result == Result::badCertificate);
    CHECK_THAT(outcome.text, Catch::Contains(reason));
  };
  expect([](auto& bad) { bad.notAfter = kNow - 1s; }, "expired");
  expect([](auto& bad) { bad.notBefore = kNow + 1s; }, "not valid yet");
  expect([](auto& bad) { bad.isForClients = false; }, "clientAuth");
  expect([](auto& bad) { bad.isRevoked = true; }, "revoked");
  ClientCertificate last = good;
  last.notAfter = kNow;
  last.notBefore = kNow;
  CHECK(office.ask(last, "").result == Result::ok);
}

TEST_CASE("EXTERNAL asks for the identity where it did not come with the command, RFC 4422 appendix A", "[accountd]") {
  Office office;
  office.client.responses = {""};
  const ClientCertificate device = certificate("device", false, {});
  CHECK(office.ask(device, std::nullopt).result == Result::ok);
  CHECK(office.client.challenges == std::vector<std::string>{""});
  CHECK(office.ask(device, "fred@example.com").result == Result::notAuthorized);
  CHECK(office.ask(device, std::string("a\0b", 3)).result == Result::malformed);
  CHECK(office.ask(device, "\xff").result == Result::malformed);
  CHECK_THROWS_AS(office.ask(device, std::nullopt), ConversationEnded);
}

TEST_CASE("without a certificate there is no EXTERNAL", "[accountd]") {
  Office office;
  CHECK(office.ask(std::nullopt, "alice@mail.test").result == Result::noSuchMechanism);
}
