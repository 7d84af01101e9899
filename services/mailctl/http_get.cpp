// As much of HTTP/1.1 (RFC 9112) as the admin ports speak: they close the connection after the answer.
#include "http_get.h"

#include <fmt/format.h>

#include <charconv>
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
    HttpAnswer read;
    const std::size_t space = answer.find(' ');
    const std::size_t end = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.") || space == answer.npos || end == answer.npos)
      return {0, "an answer that is not HTTP"};
    std::from_chars(answer.data() + space + 1, answer.data() + answer.size(), read.status);
    read.body = answer.substr(end + 4);
    while (read.body.ends_with('\n')) read.body.pop_back();
    return read;
  } catch (const std::runtime_error& error) {
    return {0, error.what()};
  }
}

}  // namespace posthouse::mailctl
