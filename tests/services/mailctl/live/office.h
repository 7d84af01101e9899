#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "support/child_process.h"
#include "support/test_database.h"

/// mailctl as scripts run it: the program, against a live accountd on a unix socket and a real database.
namespace posthouse::mailctl {

using nlohmann::json;

struct Result {
  int status;
  std::string output;  // standard output; errors go to the file that is read by complaint()
};

class Office {
 public:
  Office() {
    std::ofstream(configuration()) << "[common]\nhostname = \"mail.test\"\n"
                                   << "[database]\nurl = \"" << database_.url() << "\"\n"
                                   << "[accountd]\nadmin_address = \"127.0.0.1:0\"\n"
                                   << "argon2_passes = 1\nargon2_memory = \"8KiB\"\n"
                                   << "database_url = \"" << database_.urlAs("posthouse_accountd") << "\"\n"
                                   << "grpc_address = \"unix:" << (folder_.path() / "accountd.sock").string() << "\"\n";
    start();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (mailctl("status").status != 0)
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("accountd does not become ready");
  }

  void start() { accountd_.emplace(std::vector<std::string>{ACCOUNTD, "--config", configuration()}); }
  void stop() { accountd_.reset(); }

  Result mailctl(const std::string& arguments, const std::string& input = "") {
    const std::string stdinFile = (folder_.path() / "input").string();
    std::ofstream(stdinFile, std::ios::binary) << input;
    const std::string command =
        std::string(MAILCTL) + " --config " + configuration() + " " + arguments + " < " + stdinFile + " 2> " + errors();
    std::FILE* pipe = popen(command.c_str(), "r");
    std::string output;
    char piece[4096];
    while (const std::size_t count = std::fread(piece, 1, sizeof piece, pipe)) output.append(piece, count);
    return {WEXITSTATUS(pclose(pipe)), output};
  }

  json asJson(const std::string& arguments, const std::string& input = "") {
    const Result result = mailctl("-o json " + arguments, input);
    CAPTURE(arguments, result.output, complaint());
    REQUIRE(result.status == 0);
    return json::parse(result.output);
  }

  std::string complaint() const {
    std::ifstream file(errors());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string file(const std::string& name, const std::string& content) {
    const std::string path = (folder_.path() / name).string();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

 private:
  std::string configuration() const { return (folder_.path() / "posthouse.toml").string(); }
  std::string errors() const { return (folder_.path() / "errors").string(); }

  test::TemporaryFolder folder_;
  test::TestDatabase database_;
  std::optional<test::ChildProcess> accountd_;
};

}  // namespace posthouse::mailctl
