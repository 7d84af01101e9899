// mailctl as scripts run it: the program, against a live accountd on a unix socket and a real database.
#include <sys/wait.h>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "support/child_process.h"
#include "support/test_database.h"

using namespace posthouse;
using nlohmann::json;

namespace {

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

}  // namespace

TEST_CASE("mailctl does what it is told and says how it went", "[mailctl][database]") {
  Office office;
  const auto steps = std::vector<std::tuple<int, std::string, std::string>>{
      {0, "domain add mail.test", ""},
      {4, "domain add MAIL.test", ""},
      {2, "domain add 'no domain'", ""},
      {0, "user add alice@mail.test --password-stdin --quota 1GiB", "secret\n"},
      {0, "user add bob@mail.test", "secret"},
      {4, "user add alice@mail.test --password-stdin", "secret"},
      {3, "user add alice@other.test --password-stdin", "secret"},
      {2, "user add carol@mail.test --password-stdin", ""},
      {2, "user add carol --password-stdin", "secret"},
      {2, "user add carol@mail.test --quota many", "secret"},
      {3, "user show carol@mail.test", ""},
      {0, "user passwd alice@mail.test --password-stdin", "other"},
      {3, "user passwd carol@mail.test", "other"},
      {0, "user disable bob@mail.test", ""},
      {0, "user enable bob@mail.test", ""},
      {3, "user disable carol@mail.test", ""},
      {0, "alias add sales@mail.test alice@mail.test bob@mail.test x@else.example", ""},
      {4, "alias add alice@mail.test bob@mail.test", ""},
      {3, "alias add help@mail.test nobody@mail.test", ""},
      {0, "alias remove sales@mail.test bob@mail.test", ""},
      {3, "alias remove help@mail.test", ""},
      {0, "quota set alice@mail.test 2GiB", ""},
      {3, "quota get carol@mail.test", ""},
      {1, "domain remove mail.test", ""},
      {3, "domain remove other.test", ""},
      {0, "user list", ""},
      {3, "user list other.test", ""},
      {0, "db version", ""},
      {0, "db migrate", ""},
      {0, "db check", ""},
      {0, "log level accountd debug", ""},
      {2, "log level accountd loud", ""},
      {3, "log level nobodyd debug", ""},
      {0, "reload all", ""},
      {0, "config check", ""},
      {0, "user remove bob@mail.test", ""},
      {3, "user remove bob@mail.test", ""},
  };
  for (const auto& [status, arguments, input] : steps) {
    const Result result = office.mailctl(arguments, input);
    CAPTURE(arguments, result.output, office.complaint());
    CHECK(result.status == status);
    CHECK(result.output.empty() == (status != 0));
    CHECK(office.complaint().empty() == (status == 0));
  }

  const json alice = office.asJson("user show ALICE@mail.test");
  CHECK(alice["address"] == "alice@mail.test");
  CHECK(alice["enabled"] == true);
  CHECK(alice["quota"]["limit_bytes"] == 2'147'483'648);
  CHECK(office.asJson("alias list")[0]["members"] == json({"alice@mail.test", "x@else.example"}));
  CHECK(office.asJson("domain list") == json::array({{{"name", "mail.test"}, {"users", 1}, {"aliases", 1}}}));
  CHECK(office.asJson("status")[0]["ready"] == true);
  CHECK(office.asJson("db check")["problems"].empty());
}

TEST_CASE("many users are imported, and what cannot be is named by its line", "[mailctl][database]") {
  Office office;
  office.asJson("domain add mail.test");
  std::string users = "address,password,quota\n";
  for (int i = 0; i < 100; ++i) users += "user" + std::to_string(i) + "@mail.test,\"se,cret\",5MiB\r\n";
  const json first = office.asJson("user import " + office.file("users.csv", users));
  CHECK(first["added"] == 100);
  CHECK(office.asJson("user list").size() == 100);
  CHECK(office.asJson("quota get user99@mail.test")["limit_bytes"] == 5 * 1024 * 1024);

  CHECK(office.mailctl("user import " + office.file("users.csv", users)).status == 4);
  const Result more =
      office.mailctl("-o json user import -", "user1@mail.test,x\nnew@mail.test,x\nbad,x\nx@other.test,x\n");
  CHECK(more.status == 5);
  const json told = json::parse(more.output);
  CHECK(told["added"] == 1);
  CHECK(told["existed"] == 1);
  CHECK(told["failed"] == 2);
  CHECK(told["refused"].size() == 3);
  CHECK(office.mailctl("user import -", "bad,x\n").status == 1);
  CHECK(office.mailctl("user import -", "only-one-field\n").status == 1);
  CHECK(office.mailctl("user import /does/not/exist").status == 1);
}

TEST_CASE("thousands of users come with the hashes of another server, and a bad row fails alone",
          "[mailctl][database]") {
  Office office;
  office.asJson("domain add mail.test");
  const std::string hash = "{SSHA}LxGFiD0RgQN4wqBgb3I4SJZKsc+rBXgB";  // doveadm pw -s SSHA -p secret
  std::string users = "quota,address,password_hash\n";
  for (int i = 0; i < 5000; ++i) users += "1GiB,user" + std::to_string(i) + "@mail.test," + hash + "\n";
  const std::string file = office.file("users.csv", users);
  CHECK(office.asJson("user import " + file) ==
        json{{"added", 5000}, {"existed", 0}, {"failed", 0}, {"refused", json::array()}});
  CHECK(office.asJson("user list").size() == 5000);
  CHECK(office.asJson("quota get user4999@mail.test")["limit_bytes"] == 1 << 30);

  const Result again = office.mailctl("-o json user import " + file);
  CHECK(again.status == 4);
  CHECK(json::parse(again.output)["existed"] == 5000);

  std::string rows = "address,password,password_hash\n";
  for (const std::string& row :
       {"new@mail.test,," + hash, "new@mail.test,," + hash, "dear@mail.test,,$2b$31$" + std::string(53, 'a'),
        std::string("des@mail.test,,sJV2Khbwk7JUs"), "both@mail.test,secret," + hash,
        std::string("neither@mail.test,,"), std::string("plain@mail.test,,{PLAIN}secret"),
        std::string("password@mail.test,secret,"), "x@other.test,," + hash})
    rows += row + "\n";
  const Result more = office.mailctl("-o json user import -", rows);
  CHECK(more.status == 5);
  const json told = json::parse(more.output);
  CHECK(told["added"] == 3);
  CHECK(told["existed"] == 1);
  CHECK(told["failed"] == 5);
  std::map<int, std::string> errors;
  for (const json& row : told["refused"]) errors[row["line"]] = row["error"];
  CHECK_THAT(errors[4], Catch::Contains("costs up to 14"));
  CHECK_THAT(errors[5], Catch::Contains("neither with $ nor with {SCHEME}"));
  CHECK_THAT(errors[6], Catch::Contains("one of them"));
  CHECK_THAT(errors[7], Catch::Contains("empty"));
  CHECK_THAT(errors[10], Catch::Contains("no domain other.test"));
  CHECK(errors.size() == 6);
}

TEST_CASE("a program that does not run is said to", "[mailctl][database]") {
  Office office;
  office.stop();
  CHECK(office.mailctl("domain list").status == 1);
  CHECK_THAT(office.complaint(), Catch::Contains("accountd") && Catch::Contains("mailctl doctor"));
  CHECK(office.mailctl("status").status == 6);
  const Result doctor = office.mailctl("-o json doctor");
  CHECK(doctor.status == 6);
  const json told = json::parse(doctor.output);
  CHECK(told["fail"] > 0);
  for (const json& finding : told["findings"])
    if (finding["grade"] != "ok") CHECK_FALSE(finding["mend"] == "");
}

TEST_CASE("the command line is judged before anything is asked", "[mailctl]") {
  const auto run = [](const std::string& arguments) {
    return WEXITSTATUS(std::system((std::string(MAILCTL) + " " + arguments + " > /dev/null 2>&1").c_str()));
  };
  CHECK(run("--help") == 0);
  CHECK(run("user add --help") == 0);
  CHECK(run("--version") == 0);
  CHECK(run("") == 2);
  CHECK(run("no-such-noun") == 2);
  CHECK(run("user add") == 2);
  CHECK(run("--config /does/not/exist domain list") == 1);
}
