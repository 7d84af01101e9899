// mail.admin.v1.KerberosPrincipals: what is stored, and who may.
#include <catch2/catch.hpp>
#include <functional>

#include "administration/administration.h"
#include "administration/kerberos_principals_service.h"
#include "kerberos/store_principals.h"
#include "kerberos/store_seen_requests.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "services/accountd/database/bureau.h"
#include "support/child_process.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;
namespace admin = mail::admin::v1;
using grpc::StatusCode;
using Kind = Refusal::Kind;
using Names = std::vector<std::string>;

namespace {

/// mail.test with its administrator and a user, other.test, and boss, who administers everything.
struct Office : Bureau {
  Office() {
    for (const char* domain : {"mail.test", "other.test"}) run(administration.addDomain(domain));
    for (const char* user : {"boss@mail.test", "chief@mail.test", "alice@mail.test", "bob@mail.test", "eve@other.test"})
      run(administration.addUser({user, "secret"}));
    run(administration.addGroup({.address = "staff@mail.test", .members = {"alice@mail.test"}}));
    run(administration.addAdministrator("boss@mail.test", ""));
    run(administration.addAdministrator("chief@mail.test", "mail.test"));
  }

  std::optional<PrincipalHolder> holder(const std::string& principal) {
    return loop.runUntilDone(store.find(principal));
  }

  KerberosPrincipalOffice principals{database};
  StoreKerberosPrincipals store{database};
};

Kind refusal(const Answer<PrincipalsOf>& answer) {
  REQUIRE_FALSE(answer);
  return answer.error().kind;
}

}  // namespace

TEST_CASE("principals are added to a user, listed and removed", "[accountd][database]") {
  Office office;
  const Names two{"alice/admin@EXAMPLE.ORG", "alice@EXAMPLE.ORG"};
  CHECK(office.run(office.principals.get("alice@mail.test")).principals.empty());
  CHECK(office.run(office.principals.add("Alice@mail.test", {two[1], two[0]})).principals == two);
  CHECK(office.run(office.principals.add("alice@mail.test", {two[0]})).principals == two);
  CHECK(office.run(office.principals.get("alice@mail.test")).principals == two);

  const auto holder = office.holder("alice@EXAMPLE.ORG");
  REQUIRE(holder);
  CHECK(holder->address == "alice@mail.test");
  CHECK(holder->enabled);
  office.run(office.administration.setEnabled("alice@mail.test", false));
  CHECK_FALSE(office.holder("alice@EXAMPLE.ORG")->enabled);
  CHECK_FALSE(office.holder("ALICE@EXAMPLE.ORG"));
  CHECK_FALSE(office.holder("alice@example.org"));
  CHECK_FALSE(office.holder("\xFF@EXAMPLE.ORG"));

  CHECK(office.run(office.principals.remove("alice@mail.test", {two[0]})).principals == Names{two[1]});
  CHECK_FALSE(office.holder(two[0]));
  CHECK(refusal(office.ask(office.principals.remove("alice@mail.test", two))) == Kind::notFound);
  CHECK(office.holder(two[1]));  // none was removed
  office.run(office.administration.removeUser("alice@mail.test"));
  CHECK_FALSE(office.holder(two[1]));
}

TEST_CASE("a principal is one user's", "[accountd][database]") {
  Office office;
  office.run(office.principals.add("alice@mail.test", {"alice@EXAMPLE.ORG"}));
  const auto taken = office.ask(office.principals.add("bob@mail.test", {"bob@EXAMPLE.ORG", "alice@EXAMPLE.ORG"}));
  CHECK(refusal(taken) == Kind::exists);
  CHECK_THAT(taken.error().text, Catch::Contains("alice@mail.test's"));
  CHECK_FALSE(office.holder("bob@EXAMPLE.ORG"));  // all or none
  CHECK(office.holder("alice@EXAMPLE.ORG")->address == "alice@mail.test");

  office.run(office.principals.add("eve@other.test", {"eve@EXAMPLE.ORG"}));
  const auto hidden = office.ask(office.principals.as({"chief@mail.test"}).add("bob@mail.test", {"eve@EXAMPLE.ORG"}));
  CHECK(refusal(hidden) == Kind::exists);
  CHECK_THAT(hidden.error().text, Catch::Contains("another account's"));
}

TEST_CASE("what no principal can be, and who can have none", "[accountd][database]") {
  Office office;
  for (const Names& names : {Names{}, Names{"alice"}, Names{"alice@"}, Names{"a\\b@R"}, Names{"\xFF@R"},
                             Names(101, "a@R"), Names{"WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS"}})
    CHECK(refusal(office.ask(office.principals.add("alice@mail.test", names))) == Kind::invalid);
  CHECK(refusal(office.ask(office.principals.add("alice", {"a@R"}))) == Kind::invalid);
  CHECK(refusal(office.ask(office.principals.add("nobody@mail.test", {"a@R"}))) == Kind::notFound);
  CHECK(refusal(office.ask(office.principals.add("staff@mail.test", {"a@R"}))) == Kind::notFound);
  CHECK(refusal(office.ask(office.principals.get("staff@mail.test"))) == Kind::notFound);
}

TEST_CASE("changes of principals are in the audit", "[accountd][database]") {
  Office office;
  office.run(office.principals.as({"chief@mail.test", "local:7"}).add("alice@mail.test", {"alice@EXAMPLE.ORG"}));
  office.run(office.principals.remove("alice@mail.test", {"alice@EXAMPLE.ORG"}));
  const auto entries = office.run(office.administration.audit({.object = "alice@mail.test"}, 0));
  REQUIRE(entries.size() == 3);  // the first is user.add
  CHECK(entries[1].action == "user.principal.add");
  CHECK(entries[1].actor == "chief@mail.test");
  CHECK(entries[1].peer == "local:7");
  CHECK_THAT(entries[1].details, Catch::Contains("alice@EXAMPLE.ORG"));
  CHECK(entries[2].action == "user.principal.remove");
}

TEST_CASE("who may do what to principals", "[accountd][database]") {
  Office office;
  const test::TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "accountd.sock").string();
  Journal journal(office.metrics, observe::Log(office.sink, "accountd", "test"));
  KerberosPrincipalsService service(office.loop, office.principals, journal);
  rpc::Server server(office.loop);
  server.add(service, admin::KerberosPrincipals::service_full_name());
  server.start(address, {});
  const auto stub = admin::KerberosPrincipals::NewStub(rpc::channel(address, {}));

  const auto codes = [&](const std::string& actor, const std::string& user) {
    std::vector<StatusCode> heard;
    Completion<bool> done;
    std::jthread client([&] {
      const auto call = [&](auto request, auto method) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + 20s);
        if (!actor.empty()) context.AddMetadata("posthouse-actor", actor);
        request.set_address(user);
        admin::Principals response;
        heard.push_back(((*stub).*method)(&context, request, &response).error_code());
      };
      using Stub = admin::KerberosPrincipals::Stub;
      admin::AddPrincipalsRequest added;
      added.add_principals(user.substr(0, user.find('@')) + "@EXAMPLE.ORG");
      admin::RemovePrincipalsRequest removed;
      removed.add_principals(added.principals(0));
      call(added, &Stub::AddPrincipals);
      call(admin::GetPrincipalsRequest(), &Stub::GetPrincipals);
      call(removed, &Stub::RemovePrincipals);
      office.loop.post([&] { done.complete(true); });
    });
    const auto wait = [](Completion<bool>& one) -> Task<bool> { co_return co_await one; };
    office.loop.runUntilDone(wait(done));
    return heard;
  };

  using Codes = std::vector<StatusCode>;
  constexpr auto ok = StatusCode::OK;
  constexpr auto gone = StatusCode::NOT_FOUND;
  constexpr auto no = StatusCode::PERMISSION_DENIED;
  CHECK(codes("", "alice@mail.test") == Codes{ok, ok, ok});
  CHECK(codes("boss@mail.test", "eve@other.test") == Codes{ok, ok, ok});
  CHECK(codes("chief@mail.test", "alice@mail.test") == Codes{ok, ok, ok});
  CHECK(codes("chief@mail.test", "boss@mail.test") == Codes{no, ok, no});  // who administers more
  CHECK(codes("chief@mail.test", "eve@other.test") == Codes{gone, gone, gone});
  CHECK(codes("alice@mail.test", "alice@mail.test") == Codes{no, no, no});
  CHECK(codes("alice@mail.test", "bob@mail.test") == Codes{gone, gone, gone});
  CHECK(codes("eve@other.test", "alice@mail.test") == Codes{gone, gone, gone});
  office.loop.runUntilDone(server.close(1s));
}

TEST_CASE("an AP-REQ is noted once, for an hour, and for every instance", "[accountd][database]") {
  Office office;
  StoreSeenRequests here{office.database};
  StoreSeenRequests elsewhere{office.database};
  const std::string proof(32, '\xFF');
  CHECK(office.loop.runUntilDone(here.note(proof)));
  CHECK_FALSE(office.loop.runUntilDone(elsewhere.note(proof)));
  CHECK(office.loop.runUntilDone(elsewhere.note(std::string(32, '\0'))));
  const auto age = [](db::Transaction& transaction) {
    transaction.exec("UPDATE posthouse.kerberos_request SET seen_at = now() - interval '61 minutes'");
  };
  office.loop.runUntilDone(office.database.transact(age));
  CHECK(office.loop.runUntilDone(here.note(std::string(32, 'a'))));
  CHECK(office.loop.runUntilDone(here.note(proof)));  // was forgotten
}
