#include <sys/resource.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "verbs.h"

namespace {

using namespace posthouse;
using namespace posthouse::bench;

constexpr auto kUsage =
    R"(posthouse-load VERB --key value...: loads a mail server and prints what came of it as one line of JSON.

  deliver  mails by LMTP or SMTP: --port N [--protocol lmtp] [--sessions 1] [--count 1000] [--recipients 1] [--size 4096]
           [--per-connection 0] [--first 1] [--imap-port N]; X-Number counts from `first`, --count is of mails, not of
           recipients; with --imap-port the end is when all of them are seen in their mailboxes
  login    connect, LOGIN, SELECT, LOGOUT: --port N [--protocol imap] [--sessions 10] [--count 1000]; with pop3 USER, PASS, STAT,
           QUIT
  check    connect, LOGIN, close: --port N [--sessions 10] [--guessers 0] [--count 1000]; guessers say wrong passwords meanwhile
  idle     connections that wait: --port N [--protocol imap] [--count 1000] [--until idle] [--sessions 10] [--hold 2]; --until is
           greeted, login, select or idle, --sessions is how many open them at once, --hold the seconds until memory is read;
           --protocol pop3 logs in, and knows no more
  push     from a delivery to `* EXISTS` in IDLE: --port N --mail-port N [--protocol lmtp] [--mailbox 1] [--count 20]
           [--size 4096] [--pause-ms 100]
  read     SELECT, FETCH 1:* FLAGS and ENVELOPE of one mailbox: --port N --messages N [--mailbox 1] [--count 3]
  pop3     by POP3 STAT, UIDL, RETR of all: --port N --messages N [--sessions 1] [--window 1] [--count 1]; a maildrop a session,
           --window is how many RETR are on the way, --count how often each is read
  store    STORE 1:* in one mailbox again and again: --port N [--mailbox 1] [--seconds 5]

All: [--host 127.0.0.1] [--tls yes] [--address bench%@mail.test] [--password "correct horse"] [--mailboxes 200]
     [--watch name=pid]... adds the processor time of that process and its children and, for idle, their memory
)";

struct Verb {
  const char* name;
  Task<> (*run)(net::Loop&, Arguments&, Report&);
};
constexpr Verb kVerbs[] = {{"deliver", deliver}, {"login", logIn},        {"check", check},      {"idle", idle},
                           {"push", push},       {"pop3", readMaildrops}, {"read", readMailbox}, {"store", store}};

/// As many connections as the system grants.
void raiseOpenFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const std::string& name, Arguments arguments) {
  for (const Verb& verb : kVerbs) {
    if (name != verb.name) continue;
    raiseOpenFiles();
    net::Loop loop;
    Report report;
    loop.runUntilDone(verb.run(loop, arguments, report));
    std::fputs(report.line().c_str(), stdout);
    return 0;
  }
  throw Failure("no such verb: " + name);
}

}  // namespace

int main(int count, char** words) {
  if (count < 2 || std::string(words[1]) == "--help") {
    std::fputs(kUsage, count < 2 ? stderr : stdout);
    return count < 2 ? 2 : 0;
  }
  try {
    return run(words[1], Arguments({words + 2, words + count}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "posthouse-load: %s\n", error.what());
    return 1;
  }
}
