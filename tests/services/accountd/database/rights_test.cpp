// Who may do what over mail.admin.v1.AccountAdmin: every call as every kind of user.
#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "administration/account_admin_service.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "services/accountd/database/bureau.h"
#include "support/child_process.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;
namespace admin = mail::admin::v1;
using grpc::StatusCode;
using Stub = admin::AccountAdmin::Stub;

namespace {

/// mail.test with its own administrator and users, other.test, and boss, who administers everything.
struct Office : Bureau {
  Office() {
    server_.add(service_, admin::AccountAdmin::service_full_name());
    server_.start(address_, {});
    stub_ = admin::AccountAdmin::NewStub(rpc::channel(address_, {}));
    for (const char* domain : {"mail.test", "other.test", "empty.test"}) run(administration.addDomain(domain));
    for (const char* user : {"boss@mail.test", "chief@mail.test", "alice@mail.test", "eve@other.test"})
      run(administration.addUser({user, "secret"}));
    run(administration.addAdministrator("boss@mail.test", ""));
    run(administration.addAdministrator("chief@mail.test", "mail.test"));
    for (const char* domain : {"mail.test", "other.test"}) {
      const auto name = [&](const std::string& local) { return local + "@" + domain; };
      run(administration.addUser({name("victim"), "secret"}));
      run(administration.addAlias(name("sales"), {name("victim")}));
      run(administration.addGroup({.address = name("staff"), .members = {name("victim")}}));
    }
  }
  ~Office() { loop.runUntilDone(server_.close(1s)); }

  /// A call with an actor's metadata, on a thread beside the loop.
  StatusCode call(const std::string& actor, const std::function<grpc::Status(Stub&, grpc::ClientContext*)>& ask) {
    StatusCode code = StatusCode::UNKNOWN;
    std::jthread client([&] {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + 20s);
      context.AddMetadata("posthouse-operator", "local:7");
      if (!actor.empty()) context.AddMetadata("posthouse-actor", actor);
      code = ask(*stub_, &context).error_code();
      loop.post([this] { done_->complete(true); });
    });
    Completion<bool> done;
    done_ = &done;
    loop.runUntilDone(wait(done));
    return code;
  }

 private:
  static Task<bool> wait(Completion<bool>& done) { co_return co_await done; }

  test::TemporaryFolder folder_;
  const std::string address_ = "unix:" + (folder_.path() / "accountd.sock").string();
  Journal journal_{metrics, observe::Log(sink, "accountd", "test")};
  AccountAdminService service_{loop, administration, 4, journal_};
  rpc::Server server_{loop};
  std::unique_ptr<Stub> stub_;
  Completion<bool>* done_ = nullptr;
};

template <class Request, class Response>
auto unary(grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, Response*), Request request) {
  return [=](Stub& stub, grpc::ClientContext* context) {
    Response response;
    return (stub.*call)(context, request, &response);
  };
}

template <class Request, class Entry>
auto listing(std::unique_ptr<grpc::ClientReader<Entry>> (Stub::*call)(grpc::ClientContext*, const Request&),
             Request request) {
  return [=](Stub& stub, grpc::ClientContext* context) {
    const auto reader = (stub.*call)(context, request);
    for (Entry entry; reader->Read(&entry);) continue;
    return reader->Finish();
  };
}

/// An import of one user, whose refusal is the call's.
grpc::Status import(Stub& stub, grpc::ClientContext* context, const std::string& address) {
  const auto stream = stub.ImportUsers(context);
  admin::AddUserRequest request;
  request.set_address(address);
  request.set_password("secret");
  stream->Write(request);
  stream->WritesDone();
  admin::ImportUsersResponse response;
  const bool answered = stream->Read(&response);
  const grpc::Status status = stream->Finish();
  if (!answered || !status.ok() || response.error().empty()) return status;
  const bool isMissing = response.error().starts_with("there is no");
  return {isMissing ? StatusCode::NOT_FOUND : StatusCode::PERMISSION_DENIED, response.error()};
}

template <class Request>
Request about(const std::string& address) {
  Request request;
  request.set_address(address);
  return request;
}
template <class Request>
Request aboutDomain(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

struct Row {
  std::string rpc;
  std::function<grpc::Status(Stub&, grpc::ClientContext*)> ask;
  StatusCode boss;   // an administrator
  StatusCode chief;  // the administrator of mail.test
  StatusCode alice;  // a user of mail.test
  StatusCode eve;    // a user of other.test
};

/// In an order in which each can be done once.
std::vector<Row> rows() {
  constexpr auto ok = StatusCode::OK;
  constexpr auto gone = StatusCode::NOT_FOUND;
  constexpr auto no = StatusCode::PERMISSION_DENIED;
  admin::AddUserRequest newUser = about<admin::AddUserRequest>("new@mail.test");
  newUser.set_password("secret");
  admin::AddUserRequest newElsewhere = about<admin::AddUserRequest>("new@other.test");
  newElsewhere.set_password("secret");
  const auto password = [](const std::string& address) {
    admin::SetPasswordRequest request = about<admin::SetPasswordRequest>(address);
    request.set_password("secret");
    return request;
  };
  const auto withMember = [](auto request, const std::string& member) {
    request.add_members(member);
    return request;
  };
  const auto newGroup = [&](const std::string& address, const std::string& member) {
    auto request = withMember(about<admin::AddGroupRequest>(address), member);
    request.set_kind(admin::Group::KIND_GROUP);
    return request;
  };
  const auto sendAs = [](const std::string& address, const std::string& sender) {
    auto request = about<admin::AddSendAsRequest>(address);
    request.add_senders(sender);
    return request;
  };
  const auto notSendAs = [](const std::string& address, const std::string& sender) {
    auto request = about<admin::RemoveSendAsRequest>(address);
    request.add_senders(sender);
    return request;
  };
  admin::SetDomainRequest separators = aboutDomain<admin::SetDomainRequest>("mail.test");
  separators.set_separators("-");
  admin::SetDomainRequest limits = aboutDomain<admin::SetDomainRequest>("mail.test");
  limits.set_max_users(100);
  admin::SetDomainRequest elsewhere = aboutDomain<admin::SetDomainRequest>("other.test");
  elsewhere.set_separators("-");
  admin::ListUsersRequest usersHere;
  usersHere.set_domain("mail.test");
  admin::ListUsersRequest usersElsewhere;
  usersElsewhere.set_domain("other.test");
  admin::ListGroupsRequest groups;
  groups.set_kind(admin::Group::KIND_GROUP);
  admin::ListAliasesRequest aliasesElsewhere;
  aliasesElsewhere.set_domain("other.test");
  admin::SetEnabledRequest enable = about<admin::SetEnabledRequest>("victim@mail.test");
  enable.set_enabled(true);

  return {
      {"AddDomain", unary(&Stub::AddDomain, aboutDomain<admin::AddDomainRequest>("new.test")), ok, no, no, no},
      {"ListDomains", unary(&Stub::ListDomains, admin::ListDomainsRequest()), ok, ok, no, no},
      {"GetDomain", unary(&Stub::GetDomain, aboutDomain<admin::GetDomainRequest>("mail.test")), ok, ok, gone, gone},
      {"GetDomain", unary(&Stub::GetDomain, aboutDomain<admin::GetDomainRequest>("other.test")), ok, gone, gone, gone},
      {"SetDomain", unary(&Stub::SetDomain, separators), ok, ok, gone, gone},
      {"SetDomain", unary(&Stub::SetDomain, limits), ok, no, gone, gone},
      {"SetDomain", unary(&Stub::SetDomain, elsewhere), ok, gone, gone, gone},
      {"RemoveDomain", unary(&Stub::RemoveDomain, aboutDomain<admin::RemoveDomainRequest>("empty.test")), ok, gone,
       gone, gone},
      {"RemoveDomain", unary(&Stub::RemoveDomain, aboutDomain<admin::RemoveDomainRequest>("mail.test")),
       StatusCode::FAILED_PRECONDITION, no, gone, gone},
      {"AddUser", unary(&Stub::AddUser, newUser), ok, ok, gone, gone},
      {"AddUser", unary(&Stub::AddUser, newElsewhere), ok, gone, gone, gone},
      {"ImportUsers", [](auto& stub, auto* context) { return import(stub, context, "more@mail.test"); }, ok, ok, gone,
       gone},
      {"ImportUsers", [](auto& stub, auto* context) { return import(stub, context, "more@other.test"); }, ok, gone,
       gone, gone},
      {"GetUser", unary(&Stub::GetUser, about<admin::GetUserRequest>("alice@mail.test")), ok, ok, ok, gone},
      {"GetUser", unary(&Stub::GetUser, about<admin::GetUserRequest>("boss@mail.test")), ok, ok, gone, gone},
      {"GetUser", unary(&Stub::GetUser, about<admin::GetUserRequest>("victim@other.test")), ok, gone, gone, gone},
      {"ListUsers", listing(&Stub::ListUsers, admin::ListUsersRequest()), ok, ok, no, no},
      {"ListUsers", listing(&Stub::ListUsers, usersHere), ok, ok, gone, gone},
      {"ListUsers", listing(&Stub::ListUsers, usersElsewhere), ok, gone, gone, gone},
      {"SetPassword", unary(&Stub::SetPassword, password("alice@mail.test")), ok, ok, ok, gone},
      {"SetPassword", unary(&Stub::SetPassword, password("victim@mail.test")), ok, ok, gone, gone},
      {"SetPassword", unary(&Stub::SetPassword, password("boss@mail.test")), ok, no, gone, gone},
      {"SetPassword", unary(&Stub::SetPassword, password("victim@other.test")), ok, gone, gone, gone},
      {"SetEnabled", unary(&Stub::SetEnabled, enable), ok, ok, gone, gone},
      {"SetEnabled", unary(&Stub::SetEnabled, about<admin::SetEnabledRequest>("victim@other.test")), ok, gone, gone,
       gone},
      {"AddGroup", unary(&Stub::AddGroup, newGroup("club@mail.test", "alice@mail.test")), ok, ok, gone, gone},
      {"AddGroup", unary(&Stub::AddGroup, newGroup("club@other.test", "eve@other.test")), ok, gone, gone, gone},
      {"AddGroup", unary(&Stub::AddGroup, newGroup("spies@mail.test", "eve@other.test")), ok, gone, gone, gone},
      {"GetGroup", unary(&Stub::GetGroup, about<admin::GetGroupRequest>("staff@mail.test")), ok, ok, gone, gone},
      {"GetGroup", unary(&Stub::GetGroup, about<admin::GetGroupRequest>("staff@other.test")), ok, gone, gone, gone},
      {"ListGroups", listing(&Stub::ListGroups, groups), ok, ok, no, no},
      {"SetGroup", unary(&Stub::SetGroup, about<admin::SetGroupRequest>("staff@mail.test")), ok, ok, gone, gone},
      {"SetGroup", unary(&Stub::SetGroup, about<admin::SetGroupRequest>("staff@other.test")), ok, gone, gone, gone},
      {"AddMembers",
       unary(&Stub::AddMembers, withMember(about<admin::AddMembersRequest>("staff@mail.test"), "alice@mail.test")), ok,
       ok, gone, gone},
      {"AddMembers",
       unary(&Stub::AddMembers, withMember(about<admin::AddMembersRequest>("staff@other.test"), "eve@other.test")), ok,
       gone, gone, gone},
      {"RemoveMembers",
       unary(&Stub::RemoveMembers,
             withMember(about<admin::RemoveMembersRequest>("staff@mail.test"), "alice@mail.test")),
       ok, ok, gone, gone},
      {"RemoveMembers",
       unary(&Stub::RemoveMembers,
             withMember(about<admin::RemoveMembersRequest>("staff@other.test"), "eve@other.test")),
       ok, gone, gone, gone},
      {"RemoveGroup", unary(&Stub::RemoveGroup, about<admin::RemoveGroupRequest>("staff@mail.test")), ok, ok, gone,
       gone},
      {"RemoveGroup", unary(&Stub::RemoveGroup, about<admin::RemoveGroupRequest>("staff@other.test")), ok, gone, gone,
       gone},
      {"AddAlias",
       unary(&Stub::AddAlias, withMember(about<admin::AddAliasRequest>("help@mail.test"), "alice@mail.test")), ok, ok,
       gone, gone},
      {"AddAlias",
       unary(&Stub::AddAlias, withMember(about<admin::AddAliasRequest>("help@other.test"), "alice@mail.test")), ok,
       gone, gone, gone},
      {"ListAliases", listing(&Stub::ListAliases, admin::ListAliasesRequest()), ok, ok, no, no},
      {"ListAliases", listing(&Stub::ListAliases, aliasesElsewhere), ok, gone, gone, gone},
      {"RemoveAlias", unary(&Stub::RemoveAlias, about<admin::RemoveAliasRequest>("sales@mail.test")), ok, ok, gone,
       gone},
      {"RemoveAlias", unary(&Stub::RemoveAlias, about<admin::RemoveAliasRequest>("sales@other.test")), ok, gone, gone,
       gone},
      {"GetQuota", unary(&Stub::GetQuota, about<admin::GetQuotaRequest>("alice@mail.test")), ok, ok, ok, gone},
      {"GetQuota", unary(&Stub::GetQuota, about<admin::GetQuotaRequest>("eve@other.test")), ok, gone, gone, ok},
      {"SetQuota", unary(&Stub::SetQuota, about<admin::SetQuotaRequest>("alice@mail.test")), ok, ok, no, gone},
      {"SetQuota", unary(&Stub::SetQuota, about<admin::SetQuotaRequest>("eve@other.test")), ok, gone, gone, no},
      {"AddSendAs", unary(&Stub::AddSendAs, sendAs("alice@mail.test", "victim@mail.test")), ok, ok, no, gone},
      {"AddSendAs", unary(&Stub::AddSendAs, sendAs("alice@mail.test", "@mail.test")), ok, ok, no, gone},
      {"AddSendAs", unary(&Stub::AddSendAs, sendAs("alice@mail.test", "eve@other.test")), ok, gone, no, gone},
      {"AddSendAs", unary(&Stub::AddSendAs, sendAs("eve@other.test", "alice@mail.test")), ok, gone, gone, no},
      {"GetSendAs", unary(&Stub::GetSendAs, about<admin::GetSendAsRequest>("alice@mail.test")), ok, ok, ok, gone},
      {"RemoveSendAs", unary(&Stub::RemoveSendAs, notSendAs("alice@mail.test", "victim@mail.test")), ok, ok, no, gone},
      {"RemoveSendAs", unary(&Stub::RemoveSendAs, notSendAs("eve@other.test", "alice@mail.test")), ok, gone, gone, no},
      {"AddAdministrator", unary(&Stub::AddAdministrator, about<admin::AddAdministratorRequest>("alice@mail.test")), ok,
       no, no, no},
      {"ListAdministrators", unary(&Stub::ListAdministrators, admin::ListAdministratorsRequest()), ok, no, no, no},
      {"RemoveAdministrator",
       unary(&Stub::RemoveAdministrator, about<admin::RemoveAdministratorRequest>("alice@mail.test")), ok, no, no, no},
      {"ListAudit", listing(&Stub::ListAudit, admin::ListAuditRequest()), ok, ok, no, no},
      {"RemoveUser", unary(&Stub::RemoveUser, about<admin::RemoveUserRequest>("boss@mail.test")), ok, no, gone, gone},
      {"RemoveUser", unary(&Stub::RemoveUser, about<admin::RemoveUserRequest>("victim@other.test")), ok, gone, gone,
       gone},
      {"RemoveUser", unary(&Stub::RemoveUser, about<admin::RemoveUserRequest>("victim@mail.test")), ok, ok, gone, gone},
  };
}

}  // namespace

TEST_CASE("every call is in the table of rights", "[accountd][database]") {
  std::set<std::string> known;
  for (const Row& row : rows()) known.insert(row.rpc);
  const auto* service = admin::AddDomainRequest::descriptor()->file()->FindServiceByName("AccountAdmin");
  for (int i = 0; i < service->method_count(); ++i) {
    CAPTURE(service->method(i)->name());
    CHECK(known.contains(service->method(i)->name()));
  }
}

TEST_CASE("an actor may do what is theirs", "[accountd][database]") {
  const auto [actor, expected] = GENERATE(table<std::string, StatusCode Row::*>({
      {"", &Row::boss},
      {"Chief@mail.test", &Row::chief},
      {"alice@mail.test", &Row::alice},
      {"eve@other.test", &Row::eve},
  }));
  Office office;
  for (const Row& row : rows()) {
    CAPTURE(actor, row.rpc);
    CHECK(office.call(actor, row.ask) == row.*expected);
  }
}

TEST_CASE("an administrator may do everything", "[accountd][database]") {
  Office office;
  for (const Row& row : rows()) {
    if (row.rpc == "RemoveUser") continue;  // and remain
    CAPTURE(row.rpc);
    CHECK(office.call("boss@mail.test", row.ask) == row.boss);
  }
  for (const char* nobody : {"nobody@mail.test", "staff@mail.test", "no address"})
    CHECK(office.call(nobody, unary(&Stub::ListDomains, admin::ListDomainsRequest())) == StatusCode::PERMISSION_DENIED);
}

TEST_CASE("listings show an administrator of domains what is theirs", "[accountd][database]") {
  Office office;
  const Administration chief = office.administration.as({"chief@mail.test"});
  const auto list = [&](auto task) { return *office.loop.runUntilDone(std::move(task)); };
  Administration theirs = chief;
  CHECK(list(theirs.domains()).size() == 1);
  CHECK(list(theirs.users("", "")).size() == 4);
  CHECK(list(theirs.users("", "boss@mail.test")).size() == 2);
  CHECK(list(theirs.aliases("", "")).size() == 1);
  CHECK(list(theirs.groups(store::AccountKind::group, "", "")).size() == 1);
  for (const store::AuditEntry& entry : list(theirs.audit({}, 0))) CHECK(entry.domain == "mail.test");
  office.run(office.administration.addAdministrator("chief@mail.test", "other.test"));
  const auto users = list(theirs.users("", ""));
  CHECK(users.size() == 6);
  CHECK(users[2].address == "chief@mail.test");
  CHECK(users[3].address == "eve@other.test");
  CHECK(list(theirs.users("", "chief@mail.test")).size() == 3);
  office.run(office.administration.setEnabled("chief@mail.test", false));
  CHECK(office.loop.runUntilDone(theirs.domains()).error().kind == Refusal::Kind::forbidden);
}

TEST_CASE("what somebody did is in the audit, with who it was", "[accountd][database]") {
  Office office;
  const auto before = office.loop.runUntilDone(office.administration.audit({}, 0))->size();
  admin::SetPasswordRequest password = about<admin::SetPasswordRequest>("alice@mail.test");
  password.set_password("very secret");
  REQUIRE(office.call("chief@mail.test", unary(&Stub::SetPassword, password)) == StatusCode::OK);
  REQUIRE(office.call("chief@mail.test", unary(&Stub::SetPassword, about<admin::SetPasswordRequest>("x"))) !=
          StatusCode::OK);
  admin::SetQuotaRequest quota = about<admin::SetQuotaRequest>("alice@mail.test");
  quota.set_limit_bytes(5);
  REQUIRE(office.call("", unary(&Stub::SetQuota, quota)) == StatusCode::OK);

  const auto entries = *office.loop.runUntilDone(office.administration.audit({}, 0));
  REQUIRE(entries.size() == before + 2);
  const store::AuditEntry& changed = entries[before];
  CHECK(changed.actor == "chief@mail.test");
  CHECK(changed.peer == "local:7");
  CHECK(changed.action == "user.passwd");
  CHECK(changed.object == "alice@mail.test");
  CHECK(changed.details == "{}");
  CHECK(entries[before + 1].actor.empty());
  CHECK(entries[before + 1].details == R"({"limit_bytes": {"to": 5, "from": 0}})");

  const auto ask = [&](store::AuditRepository::Wanted wanted) {
    return office.loop.runUntilDone(office.administration.audit(std::move(wanted), 0))->size();
  };
  CHECK(ask({.object = "ALICE@mail.test"}) == 3);
  CHECK(ask({.actor = "chief@mail.test"}) == 1);
  CHECK(ask({.object = "alice@mail.test", .actor = "chief@mail.test"}) == 1);
  CHECK(ask({.since = std::chrono::system_clock::now() + 1h}) == 0);
}
