// Who may have mail of another server put into a mailbox, and into which.
#include <catch2/catch.hpp>

#include "administration/mail_import_office.h"
#include "services/accountd/database/bureau.h"

using namespace posthouse;
using namespace posthouse::accountd;
using Kind = Refusal::Kind;

namespace {

struct Office : Bureau {
  Office() {
    for (const char* domain : {"mail.test", "other.test"}) run(administration.addDomain(domain));
    for (const char* user : {"chief@mail.test", "alice@mail.test", "bob@mail.test", "root@other.test"})
      run(administration.addUser({user, "secret"}));
    run(administration.addAdministrator("chief@mail.test", "mail.test"));
    run(administration.addAdministrator("root@other.test", ""));
    run(administration.addAlias("sales@mail.test", {"alice@mail.test", "bob@mail.test"}));
    run(administration.addGroup({.address = "staff@mail.test", .members = {"alice@mail.test"}}));
    run(administration.addGroup(
        {.kind = store::AccountKind::shared, .address = "info@mail.test", .members = {"alice@mail.test"}}));
  }

  std::optional<Kind> refusal(const std::string& address, const std::string& actor = {}) {
    const auto answer = ask(imports.as({actor, "local:0"}).permit(address, "/old/alice"));
    const auto dry = ask(imports.as({actor, "local:0"}).mayPermit(address));
    CHECK(answer.has_value() == dry.has_value());
    return answer ? std::nullopt : std::optional(answer.error().kind);
  }

  MailImportOffice imports{database};
};

}  // namespace

TEST_CASE("mail is imported into mailboxes by those who administer them", "[accountd]") {
  Office office;
  const auto [address, actor, kind] = GENERATE(table<std::string, std::string, std::optional<Kind>>({
      {"alice@mail.test", "", std::nullopt},
      {"ALICE@Mail.Test", "", std::nullopt},
      {"info@mail.test", "", std::nullopt},
      {"alice@mail.test", "chief@mail.test", std::nullopt},
      {"alice@mail.test", "root@other.test", std::nullopt},
      {"sales@mail.test", "", Kind::invalid},
      {"staff@mail.test", "", Kind::invalid},
      {"alice+old@mail.test", "", Kind::notFound},
      {"nobody@mail.test", "", Kind::notFound},
      {"nonsense", "", Kind::invalid},
      {"alice@mail.test", "bob@mail.test", Kind::notFound},
      {"root@other.test", "chief@mail.test", Kind::notFound},
      {"nobody@mail.test", "bob@mail.test", Kind::notFound},
  }));
  CAPTURE(address, actor);
  CHECK(office.refusal(address, actor) == kind);
}

TEST_CASE("an import is in the audit, a dry run is not", "[accountd]") {
  Office office;
  office.run(office.imports.as({"chief@mail.test", "local:7"}).mayPermit("alice@mail.test"));
  const auto entries = [&] {
    return office.testDatabase.transact([](db::Transaction& transaction) {
      std::vector<store::AuditEntry> found = store::AuditRepository(transaction).list({}, 0, 100);
      std::erase_if(found, [](const store::AuditEntry& entry) { return entry.action != "mail.import"; });
      return found;
    });
  };
  CHECK(entries().empty());
  office.run(office.imports.as({"chief@mail.test", "local:7"}).permit("alice@mail.test", "/old/alice"));
  const auto found = entries();
  REQUIRE(found.size() == 1);
  CHECK(found[0].actor == "chief@mail.test");
  CHECK(found[0].peer == "local:7");
  CHECK(found[0].object == "alice@mail.test");
  CHECK(found[0].domain == "mail.test");
  CHECK(found[0].details == R"({"source": "/old/alice"})");
}
