// Certificates of users: who may add and remove them, as mail.admin.v1.CertificateAdmin and the database have it.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "administration/administration.h"
#include "administration/certificate_admin_service.h"
#include "administration/certificates.h"
#include "crypto/client_certificate.h"
#include "logins/store_certificate_holders.h"
#include "rpc/call.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "services/accountd/database/bureau.h"
#include "support/client_certificates.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;
using Kind = Refusal::Kind;
using test::ClientCertificates;

namespace {

namespace admin = mail::admin::v1;

std::string contentOf(const ClientCertificates::Pair& pair) {
  std::ifstream file(pair.certificate, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string fingerprintOf(const std::string& pem) {
  return std::string(crypto::ClientCertificate::parse(pem).value().fingerprint.view());
}

/// mail.test with its administrator chief and users, and other.test.
struct Office : Bureau {
  Office() {
    for (const char* domain : {"mail.test", "other.test"}) run(administration.addDomain(domain));
    for (const char* user : {"chief@mail.test", "alice@mail.test", "bob@mail.test", "eve@other.test"})
      run(administration.addUser({user, "secret"}));
    run(administration.addAdministrator("chief@mail.test", "mail.test"));
    run(administration.addGroup({.address = "staff@mail.test", .members = {"alice@mail.test"}}));
    run(administration.addGroup(
        {.kind = store::AccountKind::shared, .address = "info@mail.test", .members = {"alice@mail.test"}}));
  }
  template <class T>
  std::optional<Kind> refusal(Task<Answer<T>> task) {
    const auto answer = loop.runUntilDone(std::move(task));
    return answer ? std::nullopt : std::optional(answer.error().kind);
  }
  std::optional<Kind> add(const std::string& actor, const std::string& user, const std::string& pem) {
    Certificates theirs = certificates.as({actor});
    return refusal(theirs.add({user, pem}));
  }
  std::string holder(const std::string& fingerprint) {
    const auto found = loop.runUntilDone(holders.registered(fingerprint));
    return found ? found->address : "";
  }
  std::string pem(const ClientCertificates::Wish& wish = {.mailbox = ""}) { return contentOf(made.signItself(wish)); }

  ClientCertificates made;
  Certificates certificates{database};
  StoreCertificateHolders holders{database};
};

}  // namespace

TEST_CASE("a certificate is registered, listed, one account's, and removed", "[accountd][database]") {
  Office office;
  const std::string pem = office.pem();
  const std::string fingerprint = fingerprintOf(pem);
  const UserCertificate added = office.run(office.certificates.add({"Alice@mail.test", pem, "laptop"}));
  CHECK(added.address == "alice@mail.test");
  CHECK(added.certificate.fingerprint == fingerprint);
  CHECK(added.certificate.label == "laptop");
  CHECK(added.certificate.subject == "CN=client1");
  CHECK(added.certificate.notAfter == std::chrono::sys_days(std::chrono::year(2100) / 1 / 1));
  CHECK(office.holder(fingerprint) == "alice@mail.test");
  for (const char* user : {"alice@mail.test", "bob@mail.test"})
    CHECK(office.refusal(office.certificates.add({user, pem})) == Kind::exists);
  CHECK(office.run(office.certificates.list("alice@mail.test")).size() == 1);
  CHECK(office.run(office.certificates.list("bob@mail.test")).empty());

  CHECK(office.refusal(office.certificates.remove("bob@mail.test", fingerprint)) == Kind::notFound);
  CHECK(office.run(office.certificates.remove("alice@mail.test", fingerprint)) == "alice@mail.test");
  CHECK(office.refusal(office.certificates.remove("alice@mail.test", fingerprint)) == Kind::notFound);
  CHECK(office.holder(fingerprint).empty());
  const auto audit = office.run(office.administration.audit({.object = "alice@mail.test"}, 0));
  REQUIRE(audit.size() == 3);  // with user.add
  CHECK(audit[1].action == "certificate.add");
  CHECK_THAT(audit[1].details, Catch::Contains(crypto::hex(fingerprint)) && Catch::Contains("laptop"));
  CHECK(audit[2].action == "certificate.remove");

  office.run(office.certificates.add({"bob@mail.test", pem}));
  office.run(office.administration.removeUser("bob@mail.test"));
  CHECK(office.holder(fingerprint).empty());
}

TEST_CASE("what cannot be of use is not registered", "[accountd][database]") {
  Office office;
  const auto refused = [&](const NewCertificate& wanted) { return office.refusal(office.certificates.add(wanted)); };
  CHECK(refused({"alice@mail.test", "no certificate"}) == Kind::invalid);
  CHECK(refused({"alice@mail.test", std::string(Certificates::kMaxSize + 1, 'x')}) == Kind::invalid);
  CHECK(refused({"alice@mail.test", office.pem({.to = "20210101000000Z"})}) == Kind::invalid);
  CHECK(refused({"alice@mail.test", office.pem({.usage = "serverAuth"})}) == Kind::invalid);
  CHECK(refused({"alice@mail.test", office.pem(), "a\nb"}) == Kind::invalid);
  CHECK(refused({"alice@mail.test", office.pem(), std::string(65, 'x')}) == Kind::invalid);
  CHECK(refused({"nobody@mail.test", office.pem()}) == Kind::notFound);
  CHECK(refused({"staff@mail.test", office.pem()}) == Kind::notFound);  // nobody logs in as a group
  CHECK(refused({"info@mail.test", office.pem()}) == Kind::notFound);
  CHECK_FALSE(refused({"alice@mail.test", office.pem({.from = "20990101000000Z"})}));  // from then on
}

TEST_CASE("users add their own certificates, administrators those of their users", "[accountd][database]") {
  Office office;
  const auto [actor, user, refusal] = GENERATE(table<std::string, std::string, std::optional<Kind>>({
      {"alice@mail.test", "alice@mail.test", std::nullopt},
      {"chief@mail.test", "alice@mail.test", std::nullopt},
      {"", "alice@mail.test", std::nullopt},
      {"alice@mail.test", "bob@mail.test", Kind::notFound},
      {"eve@other.test", "alice@mail.test", Kind::notFound},
      {"chief@mail.test", "eve@other.test", Kind::notFound},
  }));
  CAPTURE(actor, user);
  const std::string pem = office.pem();
  CHECK(office.add(actor, user, pem) == refusal);
  if (refusal) office.run(office.certificates.add({user, pem}));
  Certificates theirs = office.certificates.as({actor});
  CHECK(office.refusal(theirs.list(user)) == refusal);
  CHECK(office.refusal(theirs.remove(user, fingerprintOf(pem))) == refusal);
}

TEST_CASE("nobody makes somebody else's certificate their own", "[accountd][database]") {
  Office office;
  const std::string ofBob = office.pem({.mailbox = "bob@mail.test"});
  CHECK(office.add("alice@mail.test", "alice@mail.test", ofBob) == Kind::forbidden);
  CHECK(office.add("eve@other.test", "eve@other.test", ofBob) == Kind::forbidden);
  CHECK_FALSE(office.add("bob@mail.test", "bob@mail.test", ofBob));
  CHECK_FALSE(office.add("alice@mail.test", "alice@mail.test", office.pem({.mailbox = "alice@else.example"})));
  CHECK_FALSE(office.add("chief@mail.test", "alice@mail.test", office.pem({.mailbox = "bob@mail.test"})));
  CHECK_FALSE(office.add("", "alice@mail.test", office.pem({.mailbox = "eve@other.test"})));
}

TEST_CASE("by its mailboxes a certificate is of individuals only", "[accountd][database]") {
  Office office;
  office.run(office.administration.addAlias("sales@mail.test", {"alice@mail.test"}));
  office.run(office.administration.setEnabled("bob@mail.test", false));
  const auto found = office.loop.runUntilDone(office.holders.individuals(
      {"bob@mail.test", "alice@mail.test", "staff@mail.test", "info@mail.test", "sales@mail.test", "x@mail.test"}));
  REQUIRE(found.size() == 2);
  CHECK(found[0].address == "alice@mail.test");
  CHECK(found[0].enabled);
  CHECK(found[1].address == "bob@mail.test");
  CHECK_FALSE(found[1].enabled);
}

TEST_CASE("certificates are administered over gRPC", "[accountd][database]") {
  Office office;
  test::TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "accountd.sock").string();
  Journal journal(office.metrics, observe::Log(office.sink, "accountd", "test"));
  CertificateAdminService service(office.loop, office.certificates, journal);
  rpc::Server server(office.loop);
  server.add(service, admin::CertificateAdmin::service_full_name());
  server.start(address, {});
  const auto stub = admin::CertificateAdmin::NewStub(rpc::channel(address, {}));
  const auto call = [&](const auto& request, auto& response, const auto& start) {
    return office.loop.runUntilDone(rpc::unary(office.loop, 10s, request, response, start)).error_code();
  };
  const auto addCertificate = [&](auto* context, auto* asked, auto* told, auto done) {
    stub->async()->AddCertificate(context, asked, told, std::move(done));
  };
  const auto listCertificates = [&](auto* context, auto* asked, auto* told, auto done) {
    stub->async()->ListCertificates(context, asked, told, std::move(done));
  };
  const auto removeCertificate = [&](auto* context, auto* asked, auto* told, auto done) {
    stub->async()->RemoveCertificate(context, asked, told, std::move(done));
  };

  const std::string pem = office.pem();
  admin::AddCertificateRequest add;
  add.set_address("alice@mail.test");
  add.set_certificate(pem);
  add.set_label("phone");
  admin::ClientCertificate added;
  CHECK(call(add, added, addCertificate) == grpc::StatusCode::OK);
  CHECK(added.fingerprint() == fingerprintOf(pem));
  CHECK(added.label() == "phone");
  CHECK(added.not_after() == 4'102'444'800);
  CHECK(added.added_at() > 1'700'000'000);
  CHECK(call(add, added, addCertificate) == grpc::StatusCode::ALREADY_EXISTS);
  admin::ListCertificatesRequest list;
  list.set_address("alice@mail.test");
  admin::ListCertificatesResponse listed;
  CHECK(call(list, listed, listCertificates) == grpc::StatusCode::OK);
  REQUIRE(listed.certificates_size() == 1);
  CHECK(listed.certificates(0).address() == "alice@mail.test");
  admin::RemoveCertificateRequest remove;
  remove.set_address("alice@mail.test");
  remove.set_fingerprint(added.fingerprint());
  admin::RemoveCertificateResponse removed;
  CHECK(call(remove, removed, removeCertificate) == grpc::StatusCode::OK);
  CHECK(call(remove, removed, removeCertificate) == grpc::StatusCode::NOT_FOUND);
  office.loop.runUntilDone(server.close(1s));
}
