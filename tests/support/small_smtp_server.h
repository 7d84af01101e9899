#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "net/line_stream.h"
#include "net/tcp_listener.h"
#include "net/tls_context.h"

namespace posthouse::test {

/// A mail server that takes everything, unless the test tells it to behave otherwise. Speaks SMTP and LMTP for one
/// recipient.
class SmallSmtpServer {
 public:
  explicit SmallSmtpServer(net::Loop& loop, const std::string& address = "127.0.0.1:0")
      : listener_(loop, *net::Address::parse(address),
                  [this](std::unique_ptr<net::ByteStream> client) { sessions_.spawn(serve(std::move(client))); }) {}

  const net::Address& address() const { return listener_.address(); }
  Task<> close() { return sessions_.drained(); }

  int connections = 0;
  std::vector<std::string> said;  // by all clients, the messages' lines excepted
  std::vector<std::string> messages;
  std::string greeting = "220 small";
  std::string extensions = "250-small\r\n250 PIPELINING\r\n";
  std::map<std::string, std::string> replies;  // by the first four letters of a command; "." to the end of a message
  std::string hangUpAt;                        // such a command, once
  std::string silentAt;                        // such a command, once: nothing is answered from there on
  bool closeAfterMail = false;
  std::optional<net::TlsContext> tls;  // for STARTTLS; without it the server says 220 and hangs up
  int secured = 0;                     // connections that turned to TLS

 private:
  Task<> serve(std::unique_ptr<net::ByteStream> client) {
    using namespace std::chrono_literals;
    ++connections;
    net::LineStream stream(std::move(client));
    stream.write(greeting + "\r\n");
    co_await stream.flush(5s);
    bool inData = false;
    while (const auto line = co_await stream.readLine(4096, 5s)) {
      const std::string verb = line->substr(0, 4);
      if (inData && *line != ".") {
        messages.back() += *line + "\r\n";
        continue;
      }
      said.push_back(*line);
      if (verb == hangUpAt) {
        hangUpAt.clear();
        co_return;
      }
      if (verb == silentAt) {
        silentAt.clear();
        while (co_await stream.readLine(4096, 5s)) {
        }
        co_return;
      }
      stream.write(replyTo(verb));
      if (verb == "DATA") messages.emplace_back();
      inData = verb == "DATA" && !replies.contains(verb);
      co_await stream.flush(5s);
      if (verb == "STAR" && replyTo(verb).starts_with("220")) {
        if (!tls) co_return;
        co_await stream.startTls(*tls, 5s);
        ++secured;
      }
      if (verb == "QUIT" || (verb == "." && closeAfterMail)) co_return;
    }
  }

  std::string replyTo(const std::string& verb) const {
    if (const auto reply = replies.find(verb); reply != replies.end()) return reply->second + "\r\n";
    if (verb == "EHLO" || verb == "LHLO") return extensions;
    if (verb == "DATA") return "354 Go on\r\n";
    if (verb == "QUIT") return "221 Bye\r\n";
    if (verb == "STAR") return "220 Go on\r\n";
    return "250 OK\r\n";
  }

  TaskGroup sessions_{[](std::exception_ptr) {}};  // clients may go as they like
  net::TcpListener listener_;
};

}  // namespace posthouse::test
