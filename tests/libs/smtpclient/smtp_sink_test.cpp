// Debian's smtp-sink (package postfix) as a server that nobody here wrote.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "smtpclient/connection.h"
#include "support/child_process.h"

using namespace posthouse;
using namespace posthouse::smtpclient;
using namespace std::chrono_literals;

namespace {

const char* const kSink = "/usr/sbin/smtp-sink";

std::string contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a message arrives at smtp-sink as it was sent", "[smtpclient]") {
  if (!std::filesystem::exists(kSink)) return;
  const auto [lmtp, pipelining] = GENERATE(table<bool, bool>({{false, true}, {false, false}, {true, true}}));
  const test::TemporaryFolder folder;
  const std::string socket = (folder.path() / "sink").string();
  std::vector<std::string> arguments{kSink, "-d", (folder.path() / "mail").string()};
  if (geteuid() == 0) arguments.insert(arguments.end(), {"-u", "nobody"});
  if (lmtp) arguments.push_back("-L");
  if (!pipelining) arguments.push_back("-p");
  arguments.insert(arguments.end(), {"unix:" + socket, "10"});
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const test::ChildProcess sink(arguments);

  net::Loop loop;
  Settings settings;
  settings.heloName = "client.example";
  if (lmtp) settings.protocol = Protocol::lmtp;
  Connection::Opened opened = std::unexpected(Outcome{smtp::Reply(451, "not tried"), Phase::connect});
  for (int i = 0; i < 3000 && !opened; ++i) {  // until it listens
    loop.runUntilDone(loop.sleep(10ms));
    opened = loop.runUntilDone(connect(loop, *net::Address::parse("unix:" + socket), settings, 5s));
  }
  REQUIRE(opened);
  std::string message = "Subject: numbers\r\n\r\n..two dots\r\n.\r\n";
  for (int i = 0; i < 20'000; ++i) message += ".line " + std::to_string(i) + "\r\n";
  MemoryContent content(message);
  Envelope envelope{{"alice@client.example"}, {}};
  for (int i = 0; i < 200; ++i) envelope.recipients.push_back({"user" + std::to_string(i) + "@server.example"});
  for (int round = 0; round < 2; ++round) {
    content.rewind();
    const Result result = loop.runUntilDone((*opened)->send(envelope, content, 30s));
    CHECK(std::ranges::all_of(result.recipients, &Outcome::isDelivered));
  }
  loop.runUntilDone((*opened)->quit());
  int mails = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    if (!file.path().filename().string().starts_with("mail")) continue;
    ++mails;
    std::string expected = message;
    std::erase(expected, '\r');  // it writes files as Unix has them
    const std::string dump = contents(file.path());
    CHECK(dump.find("X-Rcpt-Args: <user199@server.example>") != std::string::npos);
    CHECK(dump.find("\n" + expected) != std::string::npos);
  }
  CHECK(mails == 2);
}
