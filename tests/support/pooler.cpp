#include "support/pooler.h"

#include <unistd.h>

#include <fstream>
#include <thread>

namespace posthouse::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPort = "6432";  // of a socket in a folder of our own: it is a part of its name

void writeConfiguration(const fs::path& folder, const std::string& server) {
  fs::permissions(folder, fs::perms::all);  // PgBouncer does not run as root
  std::ofstream(folder / "users")
      << "\"posthouse_imapd\" \"\"\n\"posthouse_lmtp_delivery\" \"\"\n\"posthouse_pop3d\" \"\"\n";
  std::ofstream(folder / "pgbouncer.ini")
      << "[databases]\n* = host=" << server << "\n[pgbouncer]\nlisten_addr =\nlisten_port = " << kPort
      << "\nunix_socket_dir = " << folder.string() << "\nauth_type = trust\nauth_file = " << (folder / "users").string()
      << "\npool_mode = transaction\ndefault_pool_size = 2\n";
}

std::vector<std::string> command(const fs::path& folder, const std::string& server) {
  writeConfiguration(folder, server);
  std::vector<std::string> words = {"/usr/bin/setpriv", "--pdeathsig", "KILL"};
  if (geteuid() == 0) words.insert(words.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
  words.insert(words.end(), {"--", "/usr/sbin/pgbouncer", "-q", (folder / "pgbouncer.ini").string()});
  return words;
}

}  // namespace

Pooler::Pooler(const TestDatabase& database)
    : database_(database), process_(command(folder_.path(), TestDatabase::host())) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!fs::exists(folder_.path() / (std::string(".s.PGSQL.") + kPort))) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("PgBouncer did not start");
    std::this_thread::yield();
  }
}

std::string Pooler::urlAs(std::string_view role) const {
  return "host=" + folder_.path().string() + " port=" + kPort + " dbname=" + database_.name() +
         " user=" + std::string(role);
}

}  // namespace posthouse::test
