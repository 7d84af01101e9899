#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "async/task_group.h"
#include "net/connect.h"
#include "net/line_stream.h"
#include "net/tcp_listener.h"
#include "play.h"

namespace posthouse::pop3d {

/// Sessions on sockets, upon a Stage or what derives from it.
template <class On>
struct Connected : On {
  Connected()
      : around(this->surroundings()),
        listener(this->loop, *net::Address::parse("127.0.0.1:0"),
                 [this](std::unique_ptr<net::ByteStream> client) { sessions.spawn(serve(std::move(client))); }) {}
  ~Connected() { this->loop.runUntilDone(sessions.drained()); }

  Task<> serve(std::unique_ptr<net::ByteStream> client) {
    Session session(std::move(client), nullptr, around, {}, "INBOX", this->isKpop);
    co_await session.run();
  }
  Task<net::LineStream> connect() {
    net::LineStream client(co_await net::connect(this->loop, listener.address(), std::chrono::seconds(10)));
    co_return client;
  }

  const Surroundings around;
  TaskGroup sessions;
  net::TcpListener listener;
};

/// The next line; "(end)" if there is none.
inline Task<std::string> hear(net::LineStream& client) {
  const auto line = co_await client.readLine(1024, std::chrono::seconds(10));
  co_return line ? *line : std::string("(end)");
}

}  // namespace posthouse::pop3d
