#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "async/task_group.h"
#include "net/timeouts.h"
#include "smtpclient/connection.h"

namespace posthouse::smtpclient {

/// Keeps connections open between mails, so that the next one costs no handshake. close() it before it goes.
class Pool {
 public:
  struct Options {
    Settings settings;
    std::chrono::milliseconds idleFor = std::chrono::seconds(10);  // then QUIT
    std::size_t maxIdlePerPeer = 8;
    std::size_t maxMailsPerConnection = 1000;
    std::function<void(std::size_t)> onOpenChanged = {};  // told how many connections are open now
  };

  Pool(net::Loop& loop, Options options) : loop_(loop), options_(std::move(options)) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  /// Sends a mail to `peer` over an idle connection or a new one; `serverName` is for TLS. An idle connection that
  /// turns out to be dead is replaced once: before the final dot always, after it only if the peer takes delivery ids
  /// and every recipient has one. A connection that cannot be opened is every recipient's outcome. Throws what
  /// `content` throws.
  Task<Result> send(net::Address peer, std::string serverName, const Envelope& envelope, Content& content,
                    net::Patience whole);

  /// Says QUIT on all idle connections. Mails that are under way must have ended.
  Task<> close();

  std::size_t idle() const noexcept;
  /// Connections open now, idle or not.
  std::size_t open() const noexcept { return open_; }

 private:
  struct Held {
    Pool& pool;
    std::unique_ptr<Connection> connection;
    std::size_t mails = 0;

    Held(Pool& owner, std::unique_ptr<Connection> opened) : pool(owner), connection(std::move(opened)) {
      pool.count(1);
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { pool.count(-1); }
  };

  struct Idle;
  using IdleList = std::list<Idle>;
  struct Idle final : net::Timeouts::Entry {
    std::unique_ptr<Held> held;
    std::string key;
    IdleList::iterator self;

    void expired() override { held->pool.retire(std::string(key), self); }
  };

  void count(int change) {
    open_ += static_cast<std::size_t>(change);
    if (options_.onOpenChanged) options_.onOpenChanged(open_);
  }
  std::unique_ptr<Held> takeIdle(const std::string& key);
  void keep(const std::string& key, std::unique_ptr<Held> held);
  void retire(const std::string& key, IdleList::iterator idle);
  Task<> farewell(std::unique_ptr<Held> held);

  net::Loop& loop_;
  Options options_;
  std::map<std::string, IdleList> idle_;
  std::size_t open_ = 0;
  TaskGroup farewells_;
};

}  // namespace posthouse::smtpclient
