#pragma once
#include <charconv>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task_group.h"
#include "base/ascii.h"
#include "net/line_stream.h"
#include "net/tcp_listener.h"
#include "net/tls_context.h"
#include "net/tls_stream.h"

namespace posthouse::test {

/// A web server that answers with whatever octets the test gives it, in the clear or over TLS.
class SmallHttpServer {
 public:
  struct Asked {
    std::string line;  // "GET /keys HTTP/1.1"
    std::vector<std::string> headers;
    std::string body;

    std::string header(std::string_view name) const {
      for (const std::string& one : headers) {
        if (ascii::startsWithIgnoringCase(one, std::string(name) + ":"))
          return std::string(ascii::trimBlanks(std::string_view(one).substr(name.size() + 1)));
      }
      return {};
    }
  };
  /// The octets of the answer; nothing: none comes, and the connection stays until the client leaves.
  using Handler = std::function<std::optional<std::string>(const Asked&)>;

  SmallHttpServer(net::Loop& loop, Handler handler, std::optional<net::TlsContext> tls = std::nullopt)
      : handler_(std::move(handler)),
        tls_(std::move(tls)),
        listener_(loop, {"127.0.0.1", 0, ""}, [this](auto client) { sessions_.spawn(serve(std::move(client))); }) {}

  std::string url(std::string_view path) const {
    return std::string(tls_ ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(listener_.address().port) +
           std::string(path);
  }
  /// Waits until every client has left.
  Task<> close() { return sessions_.drained(); }

  std::vector<Asked> asked;
  int connections = 0;
  bool hangsUp = false;  // after each answer

  static std::string answer(std::string_view status, std::string_view body, std::string_view headers = "") {
    std::string text = "HTTP/1.1 ";
    text.append(status).append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
    return text.append(headers).append("\r\n").append(body);
  }

 private:
  Task<> serve(std::unique_ptr<net::ByteStream> client) {
    using namespace std::chrono_literals;
    ++connections;
    if (tls_) {
      auto secured = net::TlsStream::server(std::move(client), *tls_);
      co_await secured->handshake(10s);
      client = std::move(secured);
    }
    net::LineStream stream(std::move(client));
    while (const auto line = co_await stream.readLine(8192, 10s)) {
      Asked request{*line, {}, {}};
      for (auto header = co_await stream.readLine(65536, 10s); header && !header->empty();
           header = co_await stream.readLine(65536, 10s)) {
        request.headers.push_back(*header);
      }
      std::size_t length = 0;
      const std::string text = request.header("Content-Length");
      std::from_chars(text.data(), text.data() + text.size(), length);
      if (length > 0) request.body = co_await stream.readOctets(length, 10s);
      asked.push_back(request);
      const auto answer = handler_(request);
      if (!answer) {
        while (co_await stream.readLine(8192, 10s)) {
        }
        co_return;
      }
      stream.write(*answer);
      co_await stream.flush(10s);
      if (hangsUp) co_return;
    }
  }

  Handler handler_;
  std::optional<net::TlsContext> tls_;
  TaskGroup sessions_{[](std::exception_ptr) {}};  // clients may go as they like
  net::TcpListener listener_;
};

}  // namespace posthouse::test
