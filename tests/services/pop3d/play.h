#pragma once
#include <prometheus/registry.h>
#include <unistd.h>

#include <memory>
#include <regex>
#include <stop_token>
#include <string>
#include <string_view>

#include "config.h"
#include "fakes.h"
#include "metrics.h"
#include "net/loop.h"
#include "observe/log.h"
#include "session.h"
#include "support/fake_authenticator.h"
#include "support/quiet_sink.h"
#include "support/script_stream.h"

namespace posthouse::pop3d {

/// What a session stands on, with fakes around it.
struct Stage {
  Stage() {
    config.hostname = "pop.example.org";
    config.inUsePatience = {};
    config.releaseGather = {};
  }

  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Surroundings surroundings() { return surroundings(store); }
  Surroundings surroundings(MailStore& mails) {
    return {loop,     config,       authenticator, mails,  metrics, log, draining.get_token(), stopping.get_token(),
            accounts, openSessions, readAhead,     leases, releases};
  }

  /// Plays a script and says what happened; session ids read as ID.
  std::string play(std::string_view script) { return play(script, store); }
  std::string play(std::string_view script, MailStore& mails) {
    auto client = std::make_unique<test::ScriptStream>(script);
    test::ScriptStream& stream = *client;
    client->setPeer(peer);
    if (losesReplies) client->loseReplies();
    if (breaksOff) client->breakOff();
    const Surroundings around = surroundings(mails);
    Session session(std::move(client), nullptr, around, timestamp, mailbox, isKpop);
    loop.runUntilDone(session.run());
    return std::regex_replace(stream.transcript(), std::regex(R"(\(session [A-Za-z0-9_-]+\))"), "(session ID)");
  }

  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "pop3d", "test"};
  Metrics metrics{registry};
  SessionConfig config;
  AccountSessions accounts;
  test::FakeAuthenticator authenticator{"alice@example.org", {store::AccountId{7}, "alice@example.org"}};
  login::OpenSessions openSessions{"pop3", registry};
  MemoryStore store;
  Leases leases{store, "here"};
  Releases releases{loop, store, {}};
  ReadAheadPool readAhead{1024 * 1024};
  std::stop_source draining;
  std::stop_source stopping;
  net::Address peer{"127.0.0.1", 40000, ""};
  std::string timestamp;  // for APOP
  bool isKpop = false;
  std::string mailbox = "INBOX";
  bool losesReplies = false;  // the client's system acknowledges nothing
  bool breaksOff = false;     // it acknowledges all, and the client reads not all of it
};

inline const std::string kGreeting = "S: +OK pop.example.org POP3 ready\n";

}  // namespace posthouse::pop3d
