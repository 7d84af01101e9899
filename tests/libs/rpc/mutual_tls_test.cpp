// Programs on several machines: both sides show a certificate of one authority.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "answering_server.h"
#include "support/authority.h"

using namespace posthouse;
using namespace std::chrono_literals;
using test::Authority;

namespace {

rpc::Security security(const Authority& authority, const Authority::Certificate& certificate) {
  return {.certificateFile = certificate.file,
          .keyFile = certificate.key,
          .authorityFile = authority.file(),
          .administrators = {},
          .refresh = 1s};
}

}  // namespace

TEST_CASE("certificates of one authority know each other; all others are refused", "[rpc]") {
  const Authority ours, theirs;
  test::AnsweringServer server(security(ours, ours.issue("accountd")));
  CHECK(server.ask(security(ours, ours.issue("smtpd"))).ok());

  const Authority::Certificate strange = theirs.issue("smtpd");
  const std::pair<const char*, rpc::Security> clients[] = {
      {"of another authority", security(theirs, strange)},
      {"of another authority, trusting ours", security(ours, strange)},
      {"expired", security(ours, ours.issue("late", -1))},
  };
  for (const auto& [what, client] : clients) {
    const grpc::Status status = server.ask(client);
    CAPTURE(what, status.error_message());
    CHECK(status.error_code() == grpc::StatusCode::UNAVAILABLE);
  }
}

TEST_CASE("a client without a certificate, or without TLS, is refused, and the log says why", "[rpc]") {
  const Authority ours;
  test::AnsweringServer server(security(ours, ours.issue("accountd")));
  const bool plain = GENERATE(true, false);
  grpc::SslCredentialsOptions options;
  std::ifstream file(ours.file());
  options.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
  const auto credentials = plain ? grpc::InsecureChannelCredentials() : grpc::SslCredentials(options);
  const grpc::Status status = server.askBy(grpc::CreateChannel(server.address(), credentials));
  CHECK(status.error_code() == grpc::StatusCode::UNAVAILABLE);
  if (!plain) CHECK_THAT(server.logged(), Catch::Contains(R"("event":"grpc.problem")") && Catch::Contains("andshake"));
}

TEST_CASE("only the administrators' certificates may administer", "[rpc]") {
  const Authority ours;
  rpc::Security strict = security(ours, ours.issue("accountd"));
  strict.administrators = {"mailctl"};
  test::AnsweringServer server(strict);
  const rpc::Security smtpd = security(ours, ours.issue("smtpd"));
  CHECK(server.ask(smtpd).ok());
  CHECK(server.administer(smtpd).error_code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(server.administer(security(ours, ours.issue("mailctl"))).ok());
}

TEST_CASE("a server that is found by one of its name's addresses shows the certificate of the name", "[rpc]") {
  const Authority ours;
  test::AnsweringServer server(security(ours, ours.issue("imapd")), "127.0.0.2:0");
  const std::string address = "127.0.0.2" + server.address().substr(server.address().rfind(':'));
  prometheus::Registry registry;
  const auto ask = [&](const std::string& name) {
    return server.askBy(rpc::channel(address, security(ours, ours.issue("smtpd")), registry,
                                     mail::v1::Accounts::service_full_name(), name));
  };
  CHECK(ask("imapd").ok());
  CHECK(ask("accountd").error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK(ask("").error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("renewed certificates are shown without a restart", "[rpc]") {
  const Authority ours, next;
  const Authority::Certificate shown = ours.issue("accountd");
  const rpc::Security mine = security(ours, shown);
  test::AnsweringServer server(mine);
  const rpc::Security renewed = security(next, next.issue("smtpd"));
  REQUIRE_FALSE(server.ask(renewed).ok());
  const auto replace = [](const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to + ".new");
    std::filesystem::rename(to + ".new", to);
  };
  const Authority::Certificate fresh = next.issue("accountd");
  replace(fresh.key, shown.key);
  replace(fresh.file, shown.file);
  replace(next.file(), ours.file());
  CHECK(server.eventually([&] { return server.ask(renewed).ok(); }));
}

TEST_CASE("certificates that cannot be used stop the start", "[rpc]") {
  const Authority ours;
  const auto accountd = ours.issue("accountd"), smtpd = ours.issue("smtpd");
  CHECK_THROWS_WITH(rpc::channel("localhost:1", {accountd.file, smtpd.key, ours.file(), {}, 1s}),
                    Catch::Contains("key"));
  CHECK_THROWS_WITH(rpc::channel("localhost:1", {accountd.file, accountd.key, "/nonexistent", {}, 1s}),
                    Catch::Contains("/nonexistent"));
}
