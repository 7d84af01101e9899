#include "support/test_database.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "db/migrations.h"
#include "store/account_repository.h"
#include "store/migrations.h"

extern char** environ;

namespace posthouse::test {
namespace {

/// Makes the cluster, starts it, says "ready", and waits for the end of its input, which is the end of the test
/// process: then it takes everything away again. $1: the folder.
constexpr const char* kGuardian = R"sh(
PATH=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1):$PATH
trap 'kill -CONT $(head -n 1 "$1/data/postmaster.pid") 2>/dev/null; pg_ctl -D "$1/data" -m immediate stop >/dev/null 2>&1; rm -rf "$1"' EXIT
cd "$1" || exit 1
initdb -D data -U postgres -A trust -E UTF8 --no-locale --no-sync >log 2>&1 &&
pg_ctl -D data -l server.log -w -t 60 -o "-c listen_addresses='' -c unix_socket_directories='$1' -c fsync=off -c synchronous_commit=off \
  -c full_page_writes=off -c shared_buffers=64MB -c wal_level=minimal -c max_wal_senders=0 -c max_connections=100 -c jit=off" start >>log 2>&1 || { cat log >&2; exit 1; }
echo ready
cat >/dev/null
)sh";

constexpr const char* kPatience = " connect_timeout=60";  // a busy machine may take long for a new connection

class Cluster {
 public:
  Cluster() {
    std::string pattern = "/tmp/posthouse-test-XXXXXX";
    if (!mkdtemp(pattern.data())) throw std::runtime_error("no folder for the test cluster");
    folder_ = pattern;
    start();
    admin("CREATE DATABASE template_posthouse");
    db::migrate(url("template_posthouse", "postgres"), store::migrations());
  }

  ~Cluster() {
    close(input_);
    int status = 0;
    waitpid(guardian_, &status, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  const std::string& folder() const noexcept { return folder_; }

  std::string url(std::string_view database, std::string_view role) const {
    return "host=" + folder_ + " dbname=" + std::string(database) + " user=" + std::string(role);
  }

  /// A new database, a copy of `original`: its files are copied, which without fsync is five times faster than the
  /// default, through the log.
  std::string create(std::string_view original) {
    const std::string name = "test_" + std::to_string(++made_);
    admin("CREATE DATABASE " + name + " STRATEGY FILE_COPY TEMPLATE " + std::string(original));
    return name;
  }

  /// The server itself, and before it those that serve its connections.
  std::vector<pid_t> processes() const {
    pid_t server = 0;
    std::ifstream(folder_ + "/data/postmaster.pid") >> server;
    const std::string id = std::to_string(server);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    std::vector<pid_t> all(std::istream_iterator<pid_t>(children), {});
    all.push_back(server);
    return all;
  }

  void drop(const std::string& name) { admin("DROP DATABASE " + name + " WITH (FORCE)"); }

 private:
  void admin(const std::string& statement) {
    db::Connection(url("postgres", "postgres") + kPatience, "tests").script(statement);
  }

  void start() {
    int toGuardian[2];
    int fromGuardian[2];
    if (pipe2(toGuardian, O_CLOEXEC) != 0 || pipe2(fromGuardian, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    std::vector<std::string> command;
    if (geteuid() == 0) {
      if (!giveTo("postgres")) throw std::runtime_error("the test cluster needs a user postgres");
      command = {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"};
    }
    command.insert(command.end(), {"setsid", "sh", "-c", kGuardian, "guardian", folder_});
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, toGuardian[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fromGuardian[1], STDOUT_FILENO);
    const int error = posix_spawnp(&guardian_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(toGuardian[0]);
    close(fromGuardian[1]);
    input_ = toGuardian[1];
    char ready = 0;
    const bool isReady = error == 0 && read(fromGuardian[0], &ready, 1) == 1;
    close(fromGuardian[0]);
    if (!isReady) throw std::runtime_error("the test cluster did not start");
  }

  bool giveTo(const std::string& user) const { return std::system(("chown " + user + " " + folder_).c_str()) == 0; }

  std::string folder_;
  pid_t guardian_ = 0;
  int input_ = -1;
  int made_ = 0;
};

Cluster& cluster() {
  static Cluster cluster;
  return cluster;
}

}  // namespace

// The server first: it would serve new connections otherwise, by processes that are not known here.
HangingServer::HangingServer() {
  const pid_t server = cluster().processes().back();
  kill(server, SIGSTOP);
  stopped_ = cluster().processes();
  for (const pid_t process : stopped_) kill(process, SIGSTOP);
}

HangingServer::~HangingServer() {
  for (const pid_t process : stopped_) kill(process, SIGCONT);
}

TestDatabase::TestDatabase() : name_(cluster().create("template_posthouse")), connection_(url() + kPatience, "tests") {}

TestDatabase::~TestDatabase() {
  cluster().drop(name_);
}

std::string TestDatabase::urlAs(std::string_view role) const {
  return cluster().url(name_, role);
}

std::string TestDatabase::host() {
  return cluster().folder();
}

std::string TestDatabase::emptyUrl() {
  return cluster().url(cluster().create("template0"), "postgres");
}

store::AccountId TestDatabase::addAccount(std::string_view address, std::string_view credential,
                                          std::int64_t quotaBytes) {
  const std::size_t at = address.find('@');
  const std::string domain(at == std::string_view::npos ? "mail.test" : address.substr(at + 1));
  return transact([&](db::Transaction& transaction) {
    if (!store::DomainRepository(transaction).exists(domain)) (void)store::DomainRepository(transaction).add(domain);
    return store::AccountRepository(transaction).create(address.substr(0, at), domain, credential, quotaBytes).value();
  });
}

}  // namespace posthouse::test
