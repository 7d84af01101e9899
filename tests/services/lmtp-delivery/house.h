#pragma once

#include "session.h"
#include "support/fake_directory.h"
#include "support/quiet_sink.h"
#include "support/script_stream.h"

namespace posthouse::lmtp_delivery {

/// Says what the test told it to say, and keeps what it was given.
struct FakeMailroom final : Mailroom {
  std::vector<Verdict> verdicts;  // of the recipients; delivered where there is none
  std::int64_t gone = 0;          // an account that is no more
  bool full = false;
  std::string octets;
  std::string reversePath;
  std::vector<Recipient> recipients;
  int messages = 0;
  bool wasAbandoned = false;  // the last

  Task<std::vector<Verdict>> deliver(std::string_view content, std::string_view from, std::span<const Recipient> to,
                                     const ClientGone& clientGone) override {
    ++messages;
    wasAbandoned = clientGone;
    octets = content;
    reversePath = from;
    recipients.assign(to.begin(), to.end());
    std::vector<Verdict> answers = verdicts;
    answers.resize(to.size(), Verdict::delivered);
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (to[i].accounts.front().id == gone) answers[i] = Verdict::noSuchUser;
    }
    co_return answers;
  }
  Task<bool> hasRoom(std::span<const directory::Account>, std::uint64_t) override { co_return !full; }
};

/// Everything around a session, with alice and bob in the directory.
struct House {
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "lmtp-delivery", "test"};
  Metrics metrics{registry};
  Config config;
  test::FakeDirectory directory;
  FakeMailroom mailroom;
  MemoryBudget memory{1'000'000};
  std::string peer = "127.0.0.1:4000";
  std::stop_source stop;
  std::stop_source lastCall;

  House() {
    config.hostname = "mail.test";
    config.maxMessageSize = 1000;
    directory.add("alice@mail.test", 1);
    directory.add("bob@mail.test", 2);
  }

  std::string play(const std::string& script) {
    net::Loop loop;
    auto stream = std::make_unique<test::ScriptStream>(script);
    stream->setPeer(*net::Address::parse(peer));
    const test::ScriptStream& played = *stream;
    Session session(std::move(stream), {config, directory, mailroom, metrics, log, memory, lastCall.get_token()}, "s1",
                    stop.get_token());
    loop.runUntilDone(session.run());
    return played.transcript();
  }
};

}  // namespace posthouse::lmtp_delivery
