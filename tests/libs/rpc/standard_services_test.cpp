// What every program answers without a word in its .proto: health (grpc.health.v1), reflection, and its metrics.
#include <grpcpp/generic/generic_stub.h>
#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <filesystem>

#include <condition_variable>
#include <mutex>

#include <prometheus/text_serializer.h>

#include "answering_server.h"
#include "support/child_process.h"
#include "support/series.h"

using namespace posthouse;
using namespace std::chrono_literals;

namespace {

/// A call whose messages are written by hand: their .proto files are not among ours.
class RawCall final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  /// The first response, or nothing. `field`: a text field's tag.
  static std::string ask(const std::string& address, const std::string& method, char field, const std::string& text) {
    grpc::GenericStub stub(rpc::channel(address, {}));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + 10s);
    RawCall call(field + std::string(1, static_cast<char>(text.size())) + text);
    stub.PrepareBidiStreamingCall(&context, method, {}, &call);
    call.StartWriteLast(&call.request_, {});
    call.StartRead(&call.response_);
    call.StartCall();
    std::unique_lock lock(call.mutex_);
    call.changed_.wait(lock, [&] { return call.done_; });
    return call.text_;
  }

 private:
  explicit RawCall(const std::string& octets) {
    const grpc::Slice slice(octets);
    request_ = grpc::ByteBuffer(&slice, 1);
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    std::vector<grpc::Slice> slices;
    if (response_.Dump(&slices).ok()) {
      for (const grpc::Slice& slice : slices) text_.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
  }
  void OnDone(const grpc::Status&) override {
    const std::lock_guard lock(mutex_);
    done_ = true;
    changed_.notify_one();
  }

  grpc::ByteBuffer request_, response_;
  std::string text_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;  // guarded by mutex_
};

/// HealthCheckResponse.status (field 1): 1 SERVING, 2 NOT_SERVING; nothing for a service that is not known.
constexpr std::string_view kServing = "\x08\x01", kNotServing = "\x08\x02";

std::string health(const std::string& address, const std::string& service) {
  return RawCall::ask(address, "/grpc.health.v1.Health/Check", '\x0a', service);
}

}  // namespace

TEST_CASE("health is told of each service and of all together", "[rpc]") {
  test::TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "rpc.sock").string();
  test::AnsweringServer server({}, address);
  for (const char* service : {"", "mail.v1.Accounts", "mail.admin.v1.Daemon"}) {
    CAPTURE(service);
    CHECK(health(address, service) == kServing);
    server.setServing(false);
    CHECK(health(address, service) == kNotServing);
    server.setServing(true);
  }
  CHECK(health(address, "mail.v1.Nothing").empty());
}

TEST_CASE("reflection lists the services", "[rpc]") {
  test::TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "rpc.sock").string();
  test::AnsweringServer server({}, address);
  const std::string listed =
      RawCall::ask(address, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", '\x3a', "*");
  for (const char* service : {"mail.v1.Accounts", "mail.admin.v1.Daemon", "grpc.health.v1.Health"})
    CHECK_THAT(listed, Catch::Contains(service));
}

TEST_CASE("a unix socket is for its owner and group", "[rpc]") {
  test::TemporaryFolder folder;
  const std::string path = folder.path() / "rpc.sock";
  test::AnsweringServer server({}, "unix:" + path);
  struct stat found{};
  REQUIRE(stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0660);
}

TEST_CASE("a server that ends leaves the socket of the one that took its place", "[rpc]") {
  test::TemporaryFolder folder;
  const std::string path = folder.path() / "rpc.sock";
  auto before = std::make_unique<test::AnsweringServer>(rpc::Security{}, "unix:" + path);
  {
    test::AnsweringServer after({}, "unix:" + path);
    before.reset();
    CHECK(after.ask({}).ok());
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("calls are counted and timed on both sides", "[rpc]") {
  test::TemporaryFolder folder;
  test::AnsweringServer server({}, "unix:" + (folder.path() / "rpc.sock").string());
  CHECK(test::valueOf(server.registry(),
                      "grpc_server_handled_total{grpc_code=\"Internal\",grpc_method=\"Resolve\",grpc_service=\"mail.v1."
                      "Accounts\"}") == 0);
  CHECK(server.ask({}).ok());
  CHECK(server.ask({}).ok());
  const std::string metrics = prometheus::TextSerializer().Serialize(server.registry().Collect());
  for (const char* side : {"client", "server"}) {
    const std::string start = "grpc_" + std::string(side);
    CHECK_THAT(
        metrics,
        Catch::Contains(
            start + "_handled_total{grpc_code=\"OK\",grpc_method=\"Resolve\",grpc_service=\"mail.v1.Accounts\"} 2"));
    CHECK_THAT(metrics,
               Catch::Contains(start + "_handling_seconds_count{grpc_method=\"Resolve\",grpc_service=\"mail.v1."
                                       "Accounts\"} 2"));
  }
}

TEST_CASE("methods that a caller invents are one series", "[rpc]") {
  test::TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "rpc.sock").string();
  test::AnsweringServer server({}, address);
  RawCall::ask(address, "/mail.v1.Invented/One", '\x0a', "");
  RawCall::ask(address, "/mail.v1.Accounts/Two", '\x0a', "");
  const std::string metrics = prometheus::TextSerializer().Serialize(server.registry().Collect());
  CHECK_THAT(metrics, Catch::Contains("grpc_server_handled_total{grpc_code=\"Unimplemented\",grpc_method=\"unknown\","
                                      "grpc_service=\"unknown\"} 2"));
  CHECK_THAT(metrics, !Catch::Contains("Invented") && !Catch::Contains("Two"));
}

TEST_CASE("a peer that is started again is found again at once", "[rpc]") {
  test::TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "rpc.sock").string();
  const auto channel = rpc::channel(address, {});
  auto server = std::make_unique<test::AnsweringServer>(rpc::Security{}, address);
  CHECK(server->askBy(channel).ok());
  server.reset();
  {
    net::Loop loop;
    const auto stub = mail::v1::Accounts::NewStub(channel);
    const mail::v1::ResolveRequest request;
    mail::v1::ResolveResponse response;
    for (int i = 0; i < 10; ++i) {  // each failure must not make the next attempt later than a second
      const auto status = loop.runUntilDone(
          rpc::unary(loop, 5s, request, response, [&](auto* context, auto* asked, auto* answer, auto done) {
            stub->async()->Resolve(context, asked, answer, std::move(done));
          }));
      CHECK(status.error_code() == grpc::StatusCode::UNAVAILABLE);
    }
  }
  server = std::make_unique<test::AnsweringServer>(rpc::Security{}, address);
  CHECK(server->eventually([&] { return server->askBy(channel).ok(); }));
}

TEST_CASE("a server that is just being started again is waited for by who asks patiently", "[rpc]") {
  test::TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "rpc.sock").string();
  net::Loop loop;
  const auto stub = mail::v1::Accounts::NewStub(rpc::channel(address, {}));
  const mail::v1::ResolveRequest request;
  mail::v1::ResolveResponse response;
  std::unique_ptr<rpc::Server> server;
  int calls = 0;
  const auto status = loop.runUntilDone(
      rpc::unaryPatiently(loop, 5s, request, response, [&](auto* context, auto* asked, auto* answer, auto done) {
        if (++calls == 2) {
          server = std::make_unique<rpc::Server>(loop);
          server->start(address, {});
        }
        stub->async()->Resolve(context, asked, answer, std::move(done));
      }));
  CHECK(status.error_code() == grpc::StatusCode::UNIMPLEMENTED);  // an answer, if only that it has no such service
  CHECK(calls > 1);
  loop.runUntilDone(server->close(1s));
}

TEST_CASE("a call that nobody waits for any more costs no work", "[rpc]") {
  test::TemporaryFolder folder;
  test::AnsweringServer server({}, "unix:" + (folder.path() / "rpc.sock").string());
  server.giveUpBeforeItsTurn();
  CHECK(server.answered() == 0);
  CHECK(server.ask({}).ok());
  CHECK(server.answered() == 1);
}
