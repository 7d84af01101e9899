// As much of HTTP/1.1 (RFC 9112) as the admin ports speak: they close the connection after the answer.
#include "http_get.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "net/byte_stream.h"
#include "net/connect.h"
#include "net/loop.h"

namespace posthouse::mailctl {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostOctets = 1024 * 1024;

Task<std::string> exchange(net::Loop& loop, net::Address address, std::string request) {
  const std::unique_ptr<net::ByteStream> stream = co_await net::connect(loop, std::move(address), 2s);
  co_await stream->write(request, 2s);
  std::string answer;
  std::size_t count = 1;
  while (count > 0 && answer.size() < kMostOctets) count = co_await stream->read(answer, 3s);
  co_return answer;
}

}  // namespace

HttpAnswer httpGet(const net::Address& address, const std::string& path) {
  const std::string request =
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", path, address.text());
  try {
    net::Loop loop;
    const std::string answer = loop.runUntilDone(exchange(loop, address, request));
    if (std::optional<HttpAnswer> read = parseHttpAnswer(answer)) return std::move(*read);
    return {0, "an answer that is not HTTP"};
  } catch (const std::runtime_error& error) {
    return {0, error.what()};
  }
}

}  // namespace posthouse::mailctl
