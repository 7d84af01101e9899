#pragma once
#include <prometheus/registry.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "acceptance.h"
#include "fakes.h"
#include "net/loop.h"
#include "observe/log.h"
#include "session.h"
#include "support/fake_authenticator.h"
#include "support/fake_directory.h"
#include "support/quiet_sink.h"
#include "support/script_stream.h"

namespace posthouse::smtpd {

/// A server at mx.example.org with mailboxes for alice and bob, and all that is around it pretended.
struct World {
  World() {
    config.hostname = "mx.example.org";
    config.postmaster = "postmaster@mx.example.org";
    config.maxMessageSize = 1000;
    directory.add("alice@example.org", 1);
    directory.add("bob@example.org", 2);
    directory.add("postmaster@mx.example.org", 1);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { loop.runUntilDone(retryKeys.close()); }

  /// A client that comes to the MX port from 192.0.2.1. Returns what was said, in the notation of the script.
  std::string play(const std::string& script) { return play(script, mx, {"192.0.2.1", 40000, ""}); }
  /// One on this machine that comes to the submission port.
  std::string submit(const std::string& script) { return play(script, submission, {"127.0.0.1", 40000, ""}); }

  std::string play(const std::string& script, const ListenerConfig& listener, const net::Address& peer) {
    auto stream = std::make_unique<test::ScriptStream>(script);
    std::string transcript;
    stream->setPeer(peer);
    if (arrange) arrange(*stream);
    loop.runUntilDone(converse(std::move(stream), listener, transcript));
    return transcript;
  }

  net::Loop loop;
  Config config;
  ListenerConfig mx{{.name = "mx",
                     .address = {},
                     .tls = daemon::ListenerConfig::Tls::starttls,
                     .proxyProtocol = false,
                     .proxyTrusted = {}},
                    Service::mx};
  ListenerConfig submission{{.name = "submission",
                             .address = {},
                             .tls = daemon::ListenerConfig::Tls::starttls,
                             .proxyProtocol = false,
                             .proxyTrusted = {}},
                            Service::submission};
  bool offersTls = false;
  std::function<void(test::ScriptStream&)> arrange;  // of the client that comes next
  std::int64_t lastQueueId = 0;
  std::stop_source stop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "smtpd", "test"};
  Metrics metrics{registry};
  test::FakeDirectory directory;
  test::FakeDirectory accounts;  // asked past what `directory` remembers
  test::FakeAuthenticator authenticator{"alice@example.org", {store::AccountId{1}, "alice@example.org"}};
  login::OpenSessions openSessions{"submission", registry};
  FakeFilter filter;
  FakeDelivery delivery;
  FakeQueue queue;
  MemoryBudget memory{256 * 1024 * 1024};
  FakeRetryKeyStore storedKeys;
  RetryKeys retryKeys{loop, storedKeys, directory, accounts};
  Acceptance acceptance{
      config, filter, delivery, queue, retryKeys, metrics, [] { return std::chrono::system_clock::time_point{}; }};

 private:
  Task<> converse(std::unique_ptr<test::ScriptStream> stream, const ListenerConfig& listener, std::string& transcript) {
    const Environment environment{.config = config,
                                  .directory = directory,
                                  .authenticator = authenticator,
                                  .openSessions = openSessions,
                                  .acceptance = acceptance,
                                  .mintQueueId = [this] { return store::QueueId{++lastQueueId}; },
                                  .metrics = metrics,
                                  .memory = memory,
                                  .offersTls = offersTls,
                                  .tls = {}};
    test::ScriptStream& played = *stream;
    Session session(std::move(stream), listener, environment, "s1", log, stop.get_token(), {});
    co_await session.run();
    transcript = played.transcript();
  }
};

}  // namespace posthouse::smtpd
