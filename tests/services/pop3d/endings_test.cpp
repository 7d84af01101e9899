// Sessions that are ended from outside (login::OpenSessions).
#include <catch2/catch.hpp>

#include "connected.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using namespace std::chrono_literals;

namespace {

struct Ending : Connected<Stage> {
  void end(login::EndReason reason) {
    const login::Ending ending{.account = store::AccountId{7}, .number = 1, .reason = reason};
    openSessions.end({&ending, 1});
  }
};

Task<std::string> ask(net::LineStream& client, std::string command) {
  client.write(command + "\r\n");
  co_await client.flush(10s);
  co_return co_await hear(client);
}

Task<> marked(Ending& stage) {
  net::LineStream client = co_await stage.connect();
  co_await hear(client);
  co_await ask(client, "USER alice@example.org");
  co_await ask(client, "PASS secret");
  CHECK((co_await ask(client, "DELE 1")).starts_with("+OK"));
  stage.end(login::EndReason::disabled);
  CHECK(co_await hear(client) == "-ERR [SYS/PERM] Your account has been disabled, nothing was deleted");
  CHECK(co_await hear(client) == "(end)");
}

Task<> slow(Ending& stage) {
  net::LineStream client = co_await stage.connect();
  co_await hear(client);
  co_await ask(client, "USER alice@example.org");
  co_await ask(client, "PASS secret");
  for (int i = 0; i < 64; ++i) client.write("RETR 1\r\n");
  co_await client.flush(10s);
  unsigned reads = 0;
  while (reads != stage.store.reads || reads == 0) {  // until the client would have to read
    reads = stage.store.reads;
    co_await stage.loop.sleep(200ms);
  }
  CHECK(stage.sessions.size() == 1);
  stage.end(login::EndReason::loggedOut);
  const auto begun = std::chrono::steady_clock::now();
  while (stage.sessions.size() > 0 && std::chrono::steady_clock::now() - begun < 10s) co_await stage.loop.sleep(1ms);
  CHECK(stage.sessions.size() == 0);
}

}  // namespace

SCENARIO("a session that is ended hears why, and deletes nothing", "[pop3d]") {
  Ending stage;
  stage.store = MemoryStore({"a: b\r\n\r\nc\r\n"});
  stage.loop.runUntilDone(marked(stage));
  CHECK(stage.store.size() == 1);
}

SCENARIO("who does not read is not waited for when the session is ended", "[pop3d]") {
  Ending stage;
  stage.store = MemoryStore({"a: b\r\n\r\n" + std::string(1024 * 1024, 'x') + "\r\n"});
  stage.loop.runUntilDone(slow(stage));
}

SCENARIO("an ending that came before the login was over ends the session", "[pop3d]") {
  Stage stage;
  const login::Ending ending{.account = store::AccountId{7}, .number = 1, .reason = login::EndReason::loggedOut};
  stage.openSessions.end({&ending, 1});
  const std::string script = kGreeting +
                             "C: USER alice@example.org\n"
                             "S: +OK Send the password\n"
                             "C: PASS secret\n"
                             "S: +OK Maildrop has 0 messages (0 octets)\n"
                             "S: -ERR [SYS/TEMP] Logged out by an administrator, nothing was deleted\n";
  CHECK(stage.play(script) == script);
}
