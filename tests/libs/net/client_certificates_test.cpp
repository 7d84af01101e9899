#include <catch2/catch.hpp>

#include "support/client_certificates.h"
#include "support/self_signed.h"
#include "support/tls_server.h"

using namespace posthouse;
using namespace posthouse::net;
using test::OpensslClient;
using test::SelfSigned;
using Certificates = test::ClientCertificates;
using enum ClientCertificates;

namespace {

/// A server of two names with tickets that outlive its contexts, and clients with certificates.
struct Stage {
  TlsContext context(ClientCertificates asked, const std::string& revocations = {}) const {
    return context(asked, ClientAuthorities::load(certificates.authority(), revocations));
  }
  TlsContext context(ClientCertificates asked, ClientAuthorities clients) const {
    const std::vector<TlsCertificate> shown = {TlsCertificate::load(first.certificate, first.key),
                                               TlsCertificate::load(second.certificate, second.key)};
    return TlsContext::server(shown, {.tickets = tickets, .clients = std::move(clients)}).asking(asked);
  }
  OpensslClient::Result visit(const Certificates::Pair& shown, std::shared_ptr<ssl_session_st> resume = {}) {
    return server.visit({.serverName = name,
                         .onlyTls12 = onlyTls12,
                         .resume = std::move(resume),
                         .certificate = shown.certificate,
                         .key = shown.key});
  }
  std::string objection() { return server.clientCertificate.value().objection; }
  std::vector<std::string> mailboxes() { return server.clientCertificate.value().says.mailboxes; }

  bool onlyTls12 = GENERATE(false, true);
  std::string name = GENERATE("mail.test", "second.test");
  Loop loop;
  Certificates certificates;
  SelfSigned first;
  SelfSigned second{"second.test"};
  std::shared_ptr<TicketKeys> tickets = std::make_shared<TicketKeys>();
  test::TlsServer server{loop, context(request)};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a client that is asked shows its certificate or does not, and is let in", "[net]") {
  Stage stage;
  CHECK(stage.visit({}).heard == "hello");
  CHECK_FALSE(stage.server.clientCertificate);
  CHECK(stage.visit(stage.certificates.issue()).heard == "hello");
  CHECK(stage.objection().empty());
  CHECK(stage.mailboxes() == Texts{"alice@mail.test"});
  CHECK(stage.server.clientCertificate->says.isForClients);
}

TEST_CASE("what is wrong with a certificate is known, and breaks no connection", "[net]") {
  Stage stage;
  Certificates others;
  const auto expect = [&](const Certificates::Pair& shown, const std::string& objection) {
    CHECK(stage.visit(shown).heard == "hello");
    CHECK_THAT(stage.objection(), Catch::Contains(objection));
    CHECK_FALSE(stage.server.clientCertificate->isTrusted());
    CHECK_FALSE(stage.server.clientCertificate->isRevoked);
  };
  expect(others.issue(), "unable to get local issuer certificate");
  expect(stage.certificates.signItself(), "self-signed certificate");
  expect(stage.certificates.issue({.to = "20210101000000Z"}), "certificate has expired");
  expect(stage.certificates.issue({.from = "20990101000000Z"}), "certificate is not yet valid");
  expect(stage.certificates.issue({.usage = "serverAuth"}), "unsuitable certificate purpose");
  stage.server.use(stage.context(request, ClientAuthorities()));
  expect(stage.certificates.issue(), "unable to get local issuer certificate");
}

TEST_CASE("a revoked certificate is known as such, and nothing passes with a list that is out of date", "[net]") {
  Stage stage;
  const auto good = stage.certificates.issue();
  const auto bad = stage.certificates.issue();
  stage.certificates.revoke(bad);
  stage.server.use(stage.context(request, stage.certificates.revocations("now.crl")));
  stage.visit(bad);
  CHECK(stage.server.clientCertificate->isRevoked);
  CHECK(stage.objection() == "certificate revoked");
  stage.visit(good);
  CHECK(stage.objection().empty());
  stage.server.use(stage.context(request, stage.certificates.revocations("late.crl", "20210101000000Z")));
  stage.visit(good);
  CHECK_THAT(stage.objection(), Catch::Contains("CRL has expired"));
  CHECK_FALSE(stage.server.clientCertificate->isRevoked);
}

TEST_CASE("nobody is asked where it is off", "[net]") {
  Stage stage;
  stage.server.use(stage.context(off));
  CHECK(stage.visit(stage.certificates.issue()).heard == "hello");
  CHECK_FALSE(stage.server.clientCertificate);
}

TEST_CASE("where a certificate is required, nobody passes without one of a trusted authority", "[net]") {
  Stage stage;
  stage.server.use(stage.context(require));
  CHECK(stage.visit({}).heard.empty());
  CHECK_THAT(stage.server.failure, Catch::Contains("peer did not return a certificate"));
  CHECK(stage.visit(stage.certificates.signItself()).heard.empty());
  CHECK_THAT(stage.server.failure, Catch::Contains("not accepted: self-signed certificate"));
  CHECK(stage.visit(stage.certificates.issue()).heard == "hello");
  CHECK(stage.objection().empty());
}

TEST_CASE("a session that is resumed keeps its client's certificate and the verdict, and nobody else's", "[net]") {
  Stage stage;
  const auto alice = stage.certificates.issue();
  const auto bob = stage.certificates.signItself({.mailbox = "bob@mail.test"});
  auto ofAlice = stage.visit(alice);
  auto ofBob = stage.visit(bob);
  auto ofNobody = stage.visit({});
  for (int i = 0; i < 2; ++i) {
    ofAlice = stage.visit(alice, ofAlice.session);
    CHECK(ofAlice.isResumed);
    CHECK(stage.mailboxes() == Texts{"alice@mail.test"});
    CHECK(stage.objection().empty());
    ofBob = stage.visit(bob, ofBob.session);
    CHECK(ofBob.isResumed);
    CHECK(stage.mailboxes() == Texts{"bob@mail.test"});
    CHECK_FALSE(stage.server.clientCertificate->isTrusted());
    ofNobody = stage.visit(alice, ofNobody.session);  // too late to show one
    CHECK(ofNobody.isResumed);
    CHECK_FALSE(stage.server.clientCertificate);
  }
}

TEST_CASE("a session goes on only where the same is asked and the same is trusted", "[net]") {
  Stage stage;
  const auto alice = stage.certificates.issue();
  const auto visitAt = [&](const TlsContext& context, std::shared_ptr<ssl_session_st> session) {
    stage.server.use(context);
    return stage.visit(alice, std::move(session));
  };
  const auto unasked = visitAt(stage.context(off), {}).session;
  CHECK(visitAt(stage.context(off), unasked).isResumed);
  CHECK_FALSE(visitAt(stage.context(request), unasked).isResumed);
  CHECK(stage.objection().empty());  // shown now

  const auto asked = visitAt(stage.context(request), {}).session;
  CHECK(visitAt(stage.context(request), asked).isResumed);
  CHECK_FALSE(visitAt(stage.context(off), asked).isResumed);
  CHECK_FALSE(stage.server.clientCertificate);
  CHECK_FALSE(visitAt(stage.context(request, ClientAuthorities()), asked).isResumed);
  CHECK_FALSE(stage.server.clientCertificate->isTrusted());
  stage.certificates.revoke(alice);
  CHECK_FALSE(visitAt(stage.context(request, stage.certificates.revocations("list.crl")), asked).isResumed);
  CHECK(stage.server.clientCertificate->isRevoked);

  stage.server.use(stage.context(request));
  const auto without = stage.visit({}).session;
  stage.server.use(stage.context(require));
  CHECK(stage.visit({}, without).heard.empty());
}

TEST_CASE("files that hold no authorities and no lists are told apart", "[net]") {
  const Certificates certificates;
  const auto expect = [](const std::string& authorities, const std::string& revocations, BadTlsFile::Of of) {
    try {
      ClientAuthorities::load(authorities, revocations);
      FAIL("was loaded");
    } catch (const BadTlsFile& bad) {
      CHECK(bad.of == of);
    }
  };
  expect("/nonexistent", "", BadTlsFile::Of::authorities);
  expect("/dev/null", "", BadTlsFile::Of::authorities);
  expect(certificates.revocations("list.crl"), "", BadTlsFile::Of::authorities);
  expect(certificates.authority(), "/nonexistent", BadTlsFile::Of::revocations);
  expect(certificates.authority(), certificates.authority(), BadTlsFile::Of::revocations);
}
