#include "net/line_stream.h"

#include "net/tls_stream.h"

namespace posthouse::net {

namespace {

/// A buffer that grew for one long line or literal is given back when it is empty.
constexpr std::size_t kKeep = 4096;

/// For the rest of a line whose first octets have come.
constexpr std::chrono::milliseconds kForTheRest = std::chrono::minutes(1);

}  // namespace

Task<bool> LineStream::fill(Patience patience) {
  if (position_ > 0) {
    input_.erase(0, position_);
    searched_ -= std::min(searched_, position_);
    position_ = 0;
  }
  if (input_.empty()) input_ = std::string();  // whoever waits for a client holds no buffer
  co_return co_await bytes_->read(input_, std::move(patience)) > 0;
}

void LineStream::take(std::size_t count) noexcept {
  position_ += count;
  if (position_ >= input_.size()) {
    position_ = searched_ = 0;
    if (input_.capacity() > kKeep) {
      input_ = std::string();
    } else {
      input_.clear();
    }
  }
}

std::optional<std::string> LineStream::tryLine(std::size_t limit) {
  const std::size_t end = input_.find("\r\n", std::max(position_, searched_));
  if (end == std::string::npos) {
    // A CR at the very end may be half of what is looked for.
    searched_ = std::max(position_, input_.size() - (input_.ends_with('\r') ? 1 : 0));
    if (input_.size() - position_ >= limit) throw LineTooLong();
    return std::nullopt;
  }
  if (end + 2 - position_ > limit) throw LineTooLong();
  std::string line = input_.substr(position_, end - position_);
  searched_ = 0;
  take(end + 2 - position_);
  return line;
}

Task<std::optional<std::string>> LineStream::readLine(std::size_t limit, Patience patience) {
  std::optional<Deadline> rest;
  for (;;) {
    if (auto line = tryLine(limit)) co_return line;
    if (!rest && !buffered().empty()) {
      rest.emplace(Patience(std::min(patience.timeout, kForTheRest), patience.stop, patience.wakeup));
    }
    const bool more = co_await fill(rest ? rest->left() : patience);
    if (!more) co_return std::nullopt;
  }
}

Task<bool> LineStream::skipLine(std::size_t limit, Patience patience) {
  const Deadline deadline(patience);
  for (std::size_t skipped = 0; skipped < limit;) {
    const std::string_view have = buffered();
    const std::size_t end = have.find("\r\n");
    searched_ = 0;
    if (end != std::string_view::npos) {
      take(end + 2);
      co_return true;
    }
    const std::size_t drop = have.size() - (have.ends_with('\r') ? 1 : 0);
    skipped += drop;
    take(drop);
    const bool more = co_await fill(deadline.left());
    if (!more) co_return false;
  }
  co_return false;
}

Task<std::size_t> LineStream::readSome(std::string& into, std::size_t most, Patience patience) {
  if (buffered().empty()) {
    const bool more = co_await fill(std::move(patience));
    if (!more) co_return 0;
  }
  const std::string_view some = buffered().substr(0, most);
  const std::size_t count = some.size();
  into.append(some);
  searched_ = 0;
  take(count);
  co_return count;
}

Task<std::string> LineStream::readOctets(std::size_t count, Patience patience) {
  const Deadline deadline(patience);
  std::string octets;
  while (octets.size() < count) {
    const std::size_t got = co_await readSome(octets, count - octets.size(), deadline.left());
    if (got == 0) throw ConnectionLost("the connection ended before all octets that were announced");
  }
  co_return octets;
}

Task<bool> LineStream::waitForInput(Patience patience) {
  if (!buffered().empty()) co_return true;
  co_return co_await fill(std::move(patience));
}

Task<> LineStream::flush(Patience patience) {
  if (output_.empty()) co_return;
  const std::string octets = std::exchange(output_, {});
  co_await bytes_->write(octets, std::move(patience));
}

Task<> LineStream::startTls(const TlsContext& context, Patience patience) {
  auto secured = TlsStream::server(std::move(bytes_), context);
  TlsStream& tls = *secured;
  bytes_ = std::move(secured);
  co_await tls.handshake(std::move(patience));
}

Task<> LineStream::startTlsAsClient(const TlsContext& context, const std::string& serverName, Patience patience) {
  auto secured = TlsStream::client(std::move(bytes_), context, serverName);
  TlsStream& tls = *secured;
  bytes_ = std::move(secured);
  co_await tls.handshake(std::move(patience));
}

}  // namespace posthouse::net
