#include "conversation.h"

#include <algorithm>

#include "net/connect.h"
#include "net/tls_stream.h"

namespace posthouse::bench {

Server::Server(Arguments& arguments, const std::string& prefix) {
  const std::size_t port = arguments.positive(prefix + "port", 0);
  if (port > 65535) throw Failure("--" + prefix + "port is no port");
  address = {.host = arguments.text("host", "127.0.0.1"), .port = static_cast<std::uint16_t>(port), .path = {}};
  if (arguments.text(prefix + "tls", "no") == "yes") tls = net::TlsContext::client(net::TlsContext::Verify::none);
}

Task<std::unique_ptr<Conversation>> Conversation::open(net::Loop& loop, const Server& server) {
  auto stream = co_await net::connect(loop, server.address, kPatience);
  if (server.tls) {
    auto secured = net::TlsStream::client(std::move(stream), *server.tls, "mail.test");
    co_await secured->handshake(kPatience);
    stream = std::move(secured);
  }
  co_return std::unique_ptr<Conversation>(new Conversation(std::move(stream)));
}

Task<> Conversation::readMore() {
  input_.erase(0, taken_);
  taken_ = 0;
  if (input_.empty()) input_ = std::string();  // thousands of idle connections hold no buffer
  const std::size_t count = co_await stream_->read(input_, kPatience);
  if (count == 0) throw Failure("the server closed a connection");
}

Task<std::string_view> Conversation::line() {
  for (std::size_t searched = 0;;) {
    const std::size_t end = input_.find('\n', taken_ + searched);
    if (end != std::string::npos) {
      std::string_view line = std::string_view(input_).substr(taken_, end - taken_);
      taken_ = end + 1;
      if (line.ends_with('\r')) line.remove_suffix(1);
      co_return line;
    }
    searched = input_.size() - taken_;
    co_await readMore();
  }
}

Task<> Conversation::skip(std::size_t count) {
  for (;;) {
    const std::size_t now = std::min(count, input_.size() - taken_);
    taken_ += now;
    count -= now;
    if (count == 0) co_return;
    co_await readMore();
  }
}

Task<std::size_t> Conversation::skipLinesUntilDot() {
  constexpr std::string_view kEnd = "\r\n.\r\n";
  std::size_t skipped = 0;
  for (;;) {
    const std::string_view rest = std::string_view(input_).substr(taken_);
    const std::size_t end = rest.find(kEnd);
    const std::size_t now =
        end != std::string_view::npos ? end + kEnd.size() : rest.size() - std::min(rest.size(), kEnd.size() - 1);
    taken_ += now;
    skipped += now;
    if (end != std::string_view::npos) co_return skipped;
    co_await readMore();
  }
}

}  // namespace posthouse::bench
