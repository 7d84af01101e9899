// What a program does when it is told: SIGHUP, SIGTERM, and SIGTERM again.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "daemon/daemon.h"
#include "support/child_process.h"
#include "support/self_signed.h"

using namespace posthouse;
using namespace std::chrono_literals;

namespace {

int play(const std::string& configuration, const daemon::Daemon::Body& body) {
  std::string words[] = {"smtpd", "--config", configuration};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data()};
  return daemon::run("smtpd", 3, arguments, body);
}

/// The exit status of a process of its own that plays the body; 10 s at most.
int playApart(const std::string& configuration, const daemon::Daemon::Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    _exit(play(configuration, body));
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void read(daemon::Daemon& daemon) {
  config::Section section = daemon.section();
  section.integer("max_recipients", 1000, 1, 10'000);
  section.rejectUnread();
  daemon.configurationIsRead();
}

Task<> nothing() {
  co_return;
}

Task<> forever(net::Loop& loop) {
  co_await loop.sleep(1h);
}

struct File {
  test::TemporaryFolder folder;
  std::string path = folder.path() / "posthouse.toml";
  explicit File(const std::string& text) { write(text); }
  void write(const std::string& text) const { std::ofstream(path) << text; }
};

/// What a reload finds in each text in turn, told as one line each.
Task<> reloadEach(daemon::Daemon& daemon, const File& file, const std::vector<std::string>& texts,
                  std::vector<std::string>& told) {
  for (const std::string& text : texts) {
    file.write(text);
    const daemon::Daemon::Reloaded reloaded = daemon.reload();
    std::string line = daemon.log().writes(observe::Level::info) ? "info" : "error";
    for (const std::string& error : reloaded.errors) line += " wrong: " + error.substr(error.find("toml:") + 5);
    for (const std::string& key : reloaded.needRestart) line += " restart: " + key;
    told.push_back(line);
  }
  std::raise(SIGTERM);
  co_return;
}

}  // namespace

TEST_CASE("a reload takes over what it can, tells what it cannot, and keeps the old where anything is wrong",
          "[daemon]") {
  const File file("[log]\nlevel = \"error\"\n");
  std::vector<std::string> told;
  const int status = play(file.path, [&](daemon::Daemon& daemon) {
    read(daemon);
    TaskGroup group;
    const std::vector<std::string> texts = {
        "[log]\nlevel = \"info\"\n[smtpd]\nmax_recipients = \"many\"\nmax_recipents = 2\n",
        "[log]\nlevel = \"info\"\n[smtpd\n",
        "[log]\nlevel = \"info\"\n[smtpd]\nmax_recipients = 7\n[common]\nhostname = \"mx.example\"\n",
        "[log]\nlevel = \"error\"\n",
    };
    daemon.loop().post([&] { group.spawn(reloadEach(daemon, file, texts, told)); });
    daemon.serve(nothing);
  });
  CHECK(status == 0);
  REQUIRE(told.size() == 4);
  CHECK_THAT(told[0], Catch::StartsWith("error wrong: 4:18: error: smtpd.max_recipients: expected an integer") &&
                          Catch::Contains("posthouse.toml:5:17: error: smtpd.max_recipents: unknown key"));
  CHECK_THAT(told[1], Catch::StartsWith("error wrong: 3:"));
  CHECK(told[2] == "info restart: common.hostname restart: smtpd.max_recipients");
  CHECK(told[3] == "error");
}

TEST_CASE("a reload tells that TLS comes and goes only with a restart", "[daemon]") {
  const test::SelfSigned files;
  const std::string without = "[log]\nlevel = \"error\"\n";
  const std::string with =
      without + "[tls]\ncertificate = \"" + files.certificate + "\"\nkey = \"" + files.key + "\"\n";
  const bool hasTls = GENERATE(false, true);
  const File file(hasTls ? with : without);
  std::vector<std::string> told;
  play(file.path, [&](daemon::Daemon& daemon) {
    read(daemon);
    TaskGroup group;
    const std::vector<std::string> texts = {hasTls ? without : with, with + "min_version = \"1.3\"\n"};
    daemon.loop().post([&] { group.spawn(reloadEach(daemon, file, texts, told)); });
    daemon.serve(nothing);
  });
  REQUIRE(told.size() == 2);
  CHECK(told[0] == "error restart: tls.certificate");
  CHECK(told[1] == (hasTls ? "error" : "error restart: tls.certificate"));
}

TEST_CASE("a second SIGTERM ends the program at once", "[daemon]") {
  const File file("[log]\nlevel = \"error\"\n[common]\ndrain_window = \"1h\"\n");
  const int status = playApart(file.path, [](daemon::Daemon& daemon) {
    read(daemon);
    daemon.loop().post([] { std::raise(SIGTERM); });
    daemon.serve([&] {
      std::raise(SIGTERM);
      return forever(daemon.loop());
    });
  });
  CHECK(status == 1);
}

TEST_CASE("a drain that takes longer than its window is cut short", "[daemon]") {
  const File file("[log]\nlevel = \"error\"\n[common]\ndrain_window = \"50ms\"\n");
  const int status = playApart(file.path, [](daemon::Daemon& daemon) {
    read(daemon);
    daemon.loop().post([&] { daemon.beginDrain(); });
    daemon.serve([&] { return forever(daemon.loop()); });
  });
  CHECK(status == 1);
}

TEST_CASE("readiness is gone before the work ends, for as long as balancers need", "[daemon]") {
  const File file("[log]\nlevel = \"error\"\n[common]\ndrain_settle = \"20ms\"\n");
  std::vector<std::string> told;
  const int status = play(file.path, [&](daemon::Daemon& daemon) {
    read(daemon);
    const auto note = [&](const char* when) {
      told.push_back(std::string(when) + (daemon.readiness().reasons().empty() ? " ready" : " not ready") +
                     (daemon.draining().stop_requested() ? " ending" : " working"));
    };
    daemon.loop().post([&] {
      note("before");
      daemon.beginDrain();
      note("settling");
    });
    daemon.serve([&] {
      note("draining");
      return nothing();
    });
  });
  CHECK(status == 0);
  CHECK(told ==
        std::vector<std::string>{"before ready working", "settling not ready working", "draining not ready ending"});
}
