#include <prometheus/registry.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "filterd_client.h"
#include "rpc/answer.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "support/quiet_sink.h"

using namespace posthouse;
using namespace posthouse::smtpd;
using namespace std::chrono_literals;

namespace {

/// Puts down what it is sent, and says what the test wants.
class FakeFilterd final : public mail::v1::Filter::CallbackService {
 public:
  explicit FakeFilterd(net::Loop& loop) : loop_(loop) {}
  mail::v1::CheckResponse says;
  mail::v1::Envelope envelope;
  std::vector<std::size_t> pieces;
  std::string content;

  grpc::ServerReadReactor<mail::v1::CheckRequest>* Check(grpc::CallbackServerContext*,
                                                         mail::v1::CheckResponse* response) override {
    return rpc::answerUpload<mail::v1::CheckRequest>(
        loop_, [this, response](auto& upload) { return check(upload, *response); });
  }

 private:
  Task<grpc::Status> check(rpc::Upload<mail::v1::CheckRequest>& upload, mail::v1::CheckResponse& response) {
    while (auto request = co_await upload.next()) {
      if (request->has_envelope()) envelope = request->envelope();
      pieces.push_back(request->content().size());
      content += request->content();
    }
    response = says;
    co_return grpc::Status::OK;
  }
  net::Loop& loop_;
};

struct Fixture {
  Fixture() {
    server.add(filterd, mail::v1::Filter::service_full_name());
    server.start(address, {});
    client.sessionId = "s1";
    client.address = {"192.0.2.1", 40000, ""};
    client.greeting = "x.example";
  }
  ~Fixture() { loop.runUntilDone(server.close(5s)); }

  net::Loop loop;
  FakeFilterd filterd{loop};
  rpc::Server server{loop};
  std::string address = "unix:/tmp/posthouse-smtpd-test-" + std::to_string(::getpid());
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "smtpd", "test"};
  Client client;
  const Transaction transaction{store::QueueId{1}, "a@x", {}, {{"alice@example.org", {}}, {"bob@example.org", {}}}};
};

}  // namespace

SCENARIO("a message goes to filterd in pieces behind its envelope", "[smtpd]") {
  Fixture fixture;
  FilterdClient filter(fixture.loop, rpc::channel(fixture.address, {}), 5s, fixture.log);
  fixture.filterd.says.set_verdict(mail::v1::CheckResponse::VERDICT_REJECT);
  fixture.filterd.says.set_enhanced_status("5.7.1");
  fixture.filterd.says.set_reply("spam");
  fixture.filterd.says.add_remove_header_fields("X-Spam-Flag");
  auto* field = fixture.filterd.says.add_header_fields();
  field->set_name("X-Spam-Flag");
  field->set_value("YES");
  const std::string content(150'000, 'x');

  const Verdict verdict = fixture.loop.runUntilDone(filter.check(fixture.client, fixture.transaction, content));
  CHECK(verdict.kind == Verdict::Kind::reject);
  CHECK(verdict.status == "5.7.1");
  CHECK(verdict.text == "spam");
  REQUIRE(verdict.headerFields.size() == 1);
  CHECK(verdict.headerFields[0].value == "YES");
  CHECK(verdict.removeHeaderFields == std::vector<std::string>{"X-Spam-Flag"});
  CHECK(fixture.filterd.content == content);
  CHECK(fixture.filterd.pieces == std::vector<std::size_t>{65536, 65536, 18928});
  CHECK(fixture.filterd.envelope.queue_id() == "0000000000001");
  CHECK(fixture.filterd.envelope.client_address() == "192.0.2.1");
  CHECK(fixture.filterd.envelope.helo() == "x.example");
  CHECK(fixture.filterd.envelope.recipients_size() == 2);
  CHECK(fixture.filterd.envelope.size() == content.size());
}

SCENARIO("fields that only filterd may use go even while it is away", "[smtpd]") {
  auto fixture = std::make_unique<Fixture>();
  FilterdClient filter(fixture->loop, rpc::channel(fixture->address, {}), 5s, fixture->log);
  fixture->filterd.says.set_verdict(mail::v1::CheckResponse::VERDICT_ACCEPT);
  fixture->filterd.says.add_remove_header_fields("X-Spam-Flag");
  CHECK(fixture->loop.runUntilDone(filter.check(fixture->client, fixture->transaction, "")).kind ==
        Verdict::Kind::accept);
  fixture->loop.runUntilDone(fixture->server.close(5s));
  const Verdict verdict = fixture->loop.runUntilDone(filter.check(fixture->client, fixture->transaction, ""));
  CHECK(verdict.kind == Verdict::Kind::unavailable);
  CHECK(verdict.removeHeaderFields == std::vector<std::string>{"X-Spam-Flag"});
}
