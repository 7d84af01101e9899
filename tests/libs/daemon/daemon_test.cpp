#include "daemon/daemon.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "daemon/client_policy.h"
#include "daemon/listeners.h"
#include "net/connect.h"
#include "net/line_stream.h"
#include "support/self_signed.h"

using namespace posthouse;
using namespace std::chrono_literals;

namespace {

struct ConfigurationFile {
  std::string path =
      std::filesystem::temp_directory_path() / ("posthouse-daemon-test-" + std::to_string(getpid()) + ".toml");
  explicit ConfigurationFile(const std::string& text) { std::ofstream(path) << text; }
  ~ConfigurationFile() { std::filesystem::remove(path); }
};

/// Runs a program with the arguments; its log goes to nowhere.
int play(std::vector<std::string> arguments, const std::function<void(daemon::Daemon&)>& body) {
  arguments.insert(arguments.begin(), "smtpd");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  return daemon::run("smtpd", static_cast<int>(pointers.size()), pointers.data(), body);
}

Task<std::string> converse(net::Loop& loop, net::Address address, std::string say) {
  net::LineStream stream(co_await net::connect(loop, std::move(address), 5s));
  stream.write(say);
  co_await stream.flush(5s);
  const auto line = co_await stream.readLine(100, 5s);
  co_return line.value_or("(end)");
}

Task<> greet(std::unique_ptr<net::ByteStream> client) {
  net::LineStream stream(std::move(client));
  stream.write("hello " + stream.bytes().peer().host + "\r\n");
  co_await stream.flush(5s);
}

Task<> clientThenTerminate(net::Loop& loop, net::Address address, std::string say, std::string& answer) {
  answer = co_await converse(loop, std::move(address), std::move(say));
  std::raise(SIGTERM);
}

}  // namespace

TEST_CASE("a program that cannot open its admin port ends with status 1, whatever main has begun", "[daemon]") {
  const ConfigurationFile file("[smtpd]\nadmin_address = \"192.0.2.1:9\"\n[log]\nlevel = \"error\"\n");
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    const int status = play({"--config", file.path}, [](daemon::Daemon& daemon) {
      daemon.section().rejectUnread();
      daemon.configurationIsRead();
      TaskGroup background;
      background.spawn(daemon.loop().sleep(1h, daemon.draining()));
      daemon.serve([&] { return background.drained(); });
    });
    _exit(status);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 1);
}

TEST_CASE("a program serves until SIGTERM and drains", "[daemon]") {
  const auto [proxy, say, answered] = GENERATE(table<std::string, std::string, std::string>({
      {"off", "", "hello 127.0.0.1"},
      {"required", "PROXY TCP4 192.0.2.7 192.0.2.25 40000 25\r\n", "hello 192.0.2.7"},
      {"required", "EHLO x\r\n", "(end)"},
  }));
  const ConfigurationFile file(
      "[smtpd]\n[[smtpd.listener]]\nname = \"mx\"\naddress = \"127.0.0.1:0\"\nproxy_protocol = \"" + proxy +
      "\"\nproxy_trusted = [\"127.0.0.0/8\"]\n[log]\nlevel = \"error\"\n");
  std::string answer;
  bool drained = false;
  const int status = play({"--config", file.path}, [&](daemon::Daemon& daemon) {
    config::Section section = daemon.section();
    auto tables = section.tables("listener");
    const auto listener = daemon::ListenerConfig::from(tables.at(0));
    section.rejectUnread();
    daemon.configurationIsRead();
    const daemon::ClientPolicy policy;
    daemon::Listeners listeners(daemon.loop(), daemon.tls(), policy, daemon.log(), daemon.registry());
    listeners.open(listener, "", greet);
    TaskGroup client;
    client.spawn(clientThenTerminate(daemon.loop(), listeners.address("mx"), say, answer));
    daemon.serve([&] {
      drained = true;
      listeners.stopAccepting();
      return listeners.drained();
    });
    CHECK(daemon.isDraining());
    CHECK(daemon.readiness().reasons().size() == 1);
  });
  CHECK(status == 0);
  CHECK(answer == answered);
  CHECK(drained);
}

TEST_CASE("the configuration is checked before anything else", "[daemon]") {
  bool started = false;
  const auto body = [&](daemon::Daemon& daemon) {
    config::Section section = daemon.section();
    section.rejectUnread();
    daemon.configurationIsRead();
    started = true;
  };
  const ConfigurationFile good("[smtpd]\nadmin_address = \"127.0.0.1:0\"\n");
  CHECK(play({"--config", good.path, "--check-config"}, body) == 0);
  CHECK_FALSE(started);
  const std::string bad = GENERATE("smtpd.admin_address=nowhere", "smtpd.unknown=1", "log.level=loud",
                                   "tls.certificate=/x", "nosection.key=1");
  CAPTURE(bad);
  CHECK(play({"--config", good.path, "-o", bad}, body) == 1);
  CHECK_FALSE(started);
  CHECK(play({"--config", "/nonexistent.toml"}, body) == 1);
  CHECK(play({"--what"}, body) == 2);
  CHECK(play({"--config", good.path, "-o", "nodot"}, body) == 2);
  CHECK(play({"--version"}, body) == 0);
}

TEST_CASE("a listener that wants TLS needs a certificate before anything starts", "[daemon]") {
  const std::string tls = GENERATE("implicit", "starttls", "none");
  const ConfigurationFile file("[smtpd]\n[[smtpd.listener]]\nname = \"mx\"\naddress = \"127.0.0.1:0\"\ntls = \"" + tls +
                               "\"\n");
  const int status = play({"--config", file.path, "--check-config"}, [](daemon::Daemon& daemon) {
    config::Section section = daemon.section();
    for (config::Section& listener : section.tables("listener")) daemon::ListenerConfig::from(listener);
    daemon.configurationIsRead();
  });
  CHECK(status == (tls == "none" ? 0 : 1));
}

TEST_CASE("a gRPC server on TCP needs [grpc] before anything starts", "[daemon]") {
  const ConfigurationFile file("[smtpd]\ngrpc_address = \"127.0.0.1:50001\"\n");
  CHECK(play({"--config", file.path, "--check-config"}, [](daemon::Daemon& daemon) {
          daemon.section();
          daemon.configurationIsRead();
        }) == 1);
}

TEST_CASE("a listener asks for certificates as it says, or as [tls] does where people come", "[daemon]") {
  using enum net::ClientCertificates;
  using For = daemon::ListenerConfig::For;
  const auto [line, whom, asked] = GENERATE(table<std::string, For, std::optional<net::ClientCertificates>>({
      {"", For::people, std::nullopt},
      {"", For::programs, off},
      {"client_certificates = \"off\"", For::people, off},
      {"client_certificates = \"request\"", For::programs, request},
      {"client_certificates = \"require\"", For::people, require},
  }));
  CAPTURE(line);
  auto configuration = config::Configuration::parse(
      "[[smtpd.listener]]\nname = \"x\"\naddress = \"127.0.0.1:25\"\ntls = \"starttls\"\n" + line, "t", nullptr, {});
  config::Section section = configuration.section("smtpd");
  CHECK(daemon::ListenerConfig::from(section.tables("listener").at(0), whom).clientCertificates == asked);
  configuration.check();
}

TEST_CASE("certificates can be asked for in TLS only, and required only of known authorities", "[daemon]") {
  const test::SelfSigned files;
  const std::string pair = "certificate = \"" + files.certificate + "\"\nkey = \"" + files.key + "\"\n";
  const auto [isKnown, listener, status] = GENERATE(table<bool, std::string, int>({
      {false, "tls = \"implicit\"\nclient_certificates = \"request\"\n", 0},
      {false, "tls = \"implicit\"\nclient_certificates = \"require\"\n", 1},
      {true, "tls = \"implicit\"\nclient_certificates = \"require\"\n", 0},
      {true, "tls = \"none\"\nclient_certificates = \"off\"\n", 0},
      {true, "tls = \"none\"\nclient_certificates = \"request\"\n", 1},
  }));
  CAPTURE(isKnown, listener);
  const std::string tls = isKnown ? "client_ca_file = \"" + files.certificate + "\"\n" : "";
  const ConfigurationFile file("[tls]\n" + pair + tls +
                               "[[smtpd.listener]]\nname = \"x\"\naddress = \"127.0.0.1:0\"\n" + listener);
  CHECK(play({"--config", file.path, "--check-config"}, [](daemon::Daemon& daemon) {
          config::Section section = daemon.section();
          for (config::Section& one : section.tables("listener")) daemon::ListenerConfig::from(one);
          daemon.configurationIsRead();
        }) == status);
}

TEST_CASE("a proxy must be trusted by name", "[daemon]") {
  auto configuration = config::Configuration::parse(
      "[[smtpd.listener]]\nname = \"mx\"\naddress = \"127.0.0.1:25\"\nproxy_protocol = \"required\"\n", "t", nullptr,
      {});
  config::Section section = configuration.section("smtpd");
  daemon::ListenerConfig::from(section.tables("listener").at(0));
  CHECK_THROWS_WITH(configuration.check(), Catch::Contains("proxy_trusted"));
}

TEST_CASE("a PROXY header is required or there is none: who may choose may be anybody", "[daemon]") {
  auto configuration = config::Configuration::parse(
      "[[smtpd.listener]]\nname = \"mx\"\naddress = \"127.0.0.1:25\"\nproxy_protocol = \"auto\"\n", "t", nullptr, {});
  config::Section section = configuration.section("smtpd");
  daemon::ListenerConfig::from(section.tables("listener").at(0));
  CHECK_THROWS_WITH(configuration.check(), Catch::Contains("t:4:18: error: smtpd.listener.proxy_protocol"));
}

TEST_CASE("loopback counts as protected, other networks only when named", "[daemon]") {
  auto configuration =
      config::Configuration::parse("[auth]\nplaintext_networks = [\"10.0.0.0/8\"]\n", "t", nullptr, {});
  config::Section program = configuration.section("smtpd");
  const auto policy = daemon::ClientPolicy::from(configuration, program);
  CHECK(policy.plaintextNetworks.size() == 1);
  CHECK(policy.isExempt({"127.0.0.1", 1, ""}));
  CHECK_FALSE(policy.isExempt({"10.0.0.1", 1, ""}));
}
