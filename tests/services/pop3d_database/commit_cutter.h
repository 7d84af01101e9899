#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/test_database.h"

namespace posthouse::pop3d {

/// Stands before the private PostgreSQL, and cuts a connection when the answer to its COMMIT has come and was not yet
/// passed on: the client cannot know, and everything was done. So often as `cuts` says, counted down.
class CommitCutter {
 public:
  explicit CommitCutter(const test::TestDatabase& database) : database_(database) {
    std::string folder = (std::filesystem::temp_directory_path() / "posthouse-cutter-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = folder;
    listening_ = socket(AF_UNIX, SOCK_STREAM, 0);
    const sockaddr_un address = addressOf(folder_ / kSocket);
    if (bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listening_, 8) != 0)
      throw std::runtime_error("the cutter cannot listen");
    accepting_ = std::jthread([this](const std::stop_token& stop) { accept(stop); });
  }
  /// When its clients have closed their connections.
  ~CommitCutter() {
    accepting_.request_stop();
    shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    pairs_.clear();
    close(listening_);
    std::filesystem::remove_all(folder_);
  }
  CommitCutter(const CommitCutter&) = delete;
  CommitCutter& operator=(const CommitCutter&) = delete;

  std::string urlAs(std::string_view role) const {
    return "host=" + folder_.string() + " port=5432 dbname=" + database_.name() + " user=" + std::string(role);
  }

  std::atomic<int> cuts{0};

 private:
  static constexpr const char* kSocket = ".s.PGSQL.5432";

  static sockaddr_un addressOf(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
  }

  static std::filesystem::path socketOfServer() {
    for (const auto& entry : std::filesystem::directory_iterator(test::TestDatabase::host()))
      if (entry.path().filename().string().starts_with(".s.PGSQL.") && entry.path().extension() != ".lock")
        return entry.path();
    throw std::runtime_error("PostgreSQL has no socket");
  }

  void accept(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const int client = ::accept(listening_, nullptr, nullptr);
      if (client < 0) return;
      const int server = socket(AF_UNIX, SOCK_STREAM, 0);
      const sockaddr_un address = addressOf(socketOfServer());
      if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        pairs_.emplace_back([this, client, server] { pass(client, server); });
      } else {
        close(server);
        close(client);
      }
    }
  }

  void pass(int client, int server) {
    std::vector<char> octets(65536);
    bool isLast = false;
    for (;;) {
      pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      poll(both, 2, -1);
      const bool fromClient = both[0].revents != 0;
      const ssize_t size = recv(fromClient ? client : server, octets.data(), octets.size(), 0);
      if (size <= 0 || (isLast && !fromClient)) break;
      const std::string_view text(octets.data(), static_cast<std::size_t>(size));
      if (fromClient && text.find("COMMIT") != std::string_view::npos && cuts > 0) {
        --cuts;
        isLast = true;
      }
      if (send(fromClient ? server : client, octets.data(), text.size(), MSG_NOSIGNAL) < 0) break;
    }
    close(client);
    close(server);
  }

  const test::TestDatabase& database_;
  std::filesystem::path folder_;
  int listening_ = -1;
  std::vector<std::jthread> pairs_;
  std::jthread accepting_;
};

}  // namespace posthouse::pop3d
