#include "filter_service.h"

#include <unistd.h>
#include <catch2/catch.hpp>

#include "fakes.h"
#include "rpc/call.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "support/quiet_sink.h"

using namespace posthouse;
using namespace posthouse::filterd;
using namespace std::chrono_literals;

namespace {

/// filterd's service on a unix socket, and a client of it, on one loop.
struct Stage {
  Stage() {
    server.add(service, mail::v1::Filter::service_full_name());
    server.start(address, security);
  }
  ~Stage() { loop.runUntilDone(server.close(5s)); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// Sends the envelope and the message in chunks.
  grpc::Status check(std::string_view message, mail::v1::CheckResponse& response,
                     std::chrono::milliseconds deadline = 5s) {
    bool first = true;
    return send(response, deadline, [&](mail::v1::CheckRequest& request) {
      if (std::exchange(first, false)) {
        request.mutable_envelope()->set_queue_id("1A2B3C");
        return true;
      }
      request.set_content(std::string(message.substr(0, 65536)));
      message.remove_prefix(std::min<std::size_t>(65536, message.size()));
      return !request.content().empty();
    });
  }

  grpc::Status send(mail::v1::CheckResponse& response, std::chrono::milliseconds deadline,
                    std::function<bool(mail::v1::CheckRequest&)> next) {
    const auto stub = mail::v1::Filter::NewStub(rpc::channel(address, security));
    return loop.runUntilDone(rpc::upload<mail::v1::CheckRequest>(
        loop, deadline, response, std::move(next),
        [&](auto* context, auto* answer, auto* reactor) { stub->async()->Check(context, answer, reactor); }));
  }

  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "filterd", "test"};
  Metrics metrics{registry};
  FakeScanner scanner;
  Config config{.policy = {.hostname = "mx.example.org"}, .clamd = std::nullopt};
  Engine engine{config.policy, &scanner, metrics};
  FilterService service{loop, config, engine, metrics, log};
  rpc::Server server{loop};
  rpc::Security security;
  std::string address = "unix:/tmp/posthouse-filterd-test-" + std::to_string(getpid());
};

}  // namespace

TEST_CASE("an accepted message gets its fields over gRPC", "[filterd]") {
  Stage stage;
  mail::v1::CheckResponse response;
  CHECK(stage.check("Subject: x\r\n\r\n" + std::string(200'000, 'x'), response).ok());
  CHECK(response.verdict() == mail::v1::CheckResponse::VERDICT_ACCEPT);
  REQUIRE(response.header_fields_size() == 4);
  CHECK(response.header_fields(0).name() == "X-Spam-Flag");
  CHECK(response.header_fields(0).value() == "NO");
  REQUIRE(response.remove_header_fields_size() == 3);
  CHECK(response.remove_header_fields(2) == "X-Spam-Status");
  CHECK(stage.scanner.lastSize == 200'014);
  CHECK(stage.metrics.heldOctets.Value() == 0);
}

TEST_CASE("a refusal is told with its status and its reason", "[filterd]") {
  Stage stage;
  mail::v1::CheckResponse response;
  CHECK(stage.check("Subject: x\r\n\r\n" + kGtubeText + "\r\n", response).ok());
  CHECK(response.verdict() == mail::v1::CheckResponse::VERDICT_REJECT);
  CHECK(response.enhanced_status() == "5.7.1");
  CHECK(response.reply() == "Refused as spam (score 1000.0 of 15.0)");
  CHECK(response.score() == 1000);
  REQUIRE(response.symbols_size() == 1);
  CHECK(response.symbols(0) == "GTUBE");
}

TEST_CASE("the scanner may take as long as the caller waits, and no longer than configured", "[filterd]") {
  Stage stage;
  mail::v1::CheckResponse response;
  CHECK(stage.check("Subject: x\r\n\r\n", response, 9s).ok());
  CHECK(stage.scanner.lastTimeout < 9s);
  CHECK(stage.scanner.lastTimeout > 1s);
  CHECK(stage.check("Subject: x\r\n\r\n", response, 60s).ok());
  CHECK(stage.scanner.lastTimeout == 10s);
}

TEST_CASE("of a message that is too long the beginning is judged", "[filterd]") {
  Stage stage;
  stage.config.maxMessageSize = 100'000;
  mail::v1::CheckResponse response;
  CHECK(stage.check(std::string(300'000, 'x'), response).ok());
  CHECK(stage.scanner.lastSize == 100'000);
}

TEST_CASE("more than may be held at once is refused", "[filterd]") {
  Stage stage;
  stage.config.maxHeld = 100'000;
  mail::v1::CheckResponse response;
  CHECK(stage.check(std::string(300'000, 'x'), response).error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(stage.metrics.heldOctets.Value() == 0);
  CHECK(stage.check(std::string(90'000, 'x'), response).ok());
}

TEST_CASE("the envelope comes first, and once", "[filterd]") {
  Stage stage;
  mail::v1::CheckResponse response;
  int sent = 0;
  SECTION("not at all") {
    const grpc::Status status = stage.send(response, 5s, [&](mail::v1::CheckRequest& request) {
      request.set_content("Subject: x\r\n\r\n");
      return sent++ < 1;
    });
    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  }
  SECTION("twice") {
    const grpc::Status status = stage.send(response, 5s, [&](mail::v1::CheckRequest& request) {
      request.mutable_envelope()->set_queue_id("1A2B3C");
      return sent++ < 2;
    });
    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  }
  SECTION("an empty stream") {
    const grpc::Status status = stage.send(response, 5s, [](mail::v1::CheckRequest&) { return false; });
    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  }
}
