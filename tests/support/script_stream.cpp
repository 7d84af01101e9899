#include "support/script_stream.h"

namespace posthouse::test {

namespace {

int hex(char c) {
  return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

std::string unescape(std::string_view text) {
  std::string octets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      octets += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'r':
        octets += '\r';
        break;
      case 'n':
        octets += '\n';
        break;
      case '0':
        octets += '\0';
        break;
      case 'x':
        octets += static_cast<char>(hex(text.at(i + 1)) * 16 + hex(text.at(i + 2)));
        i += 2;
        break;
      default:
        octets += text[i];
    }
  }
  return octets;
}

}  // namespace

ScriptStream::ScriptStream(std::string_view script) {
  std::size_t replies = 0;
  bool clientSpeaks = false;
  while (!script.empty()) {
    const std::size_t end = std::min(script.find('\n'), script.size());
    const std::string line(script.substr(0, end));
    script.remove_prefix(std::min(end + 1, script.size()));
    if (line.starts_with("S: ")) {
      ++replies;
      clientSpeaks = false;
    } else if (line.starts_with("C: ") || line.starts_with("C* ")) {
      if (!clientSpeaks) turns_.push_back(Turn{"", "", replies});
      clientSpeaks = true;
      turns_.back().sent += line.starts_with("C: ") ? line.substr(3) + "\r\n" : unescape(line.substr(3));
      turns_.back().shown += line + "\n";
    } else {
      throw std::logic_error("a script line begins with 'C: ', 'C* ' or 'S: ', not: " + line);
    }
  }
}

Task<std::size_t> ScriptStream::read(std::string& into, net::Patience patience) {
  if (closed_) throw net::ConnectionLost("closed by the server");
  if (turns_.empty() && breaksOff_) throw net::ConnectionLost("connection reset by peer");
  if (turns_.empty()) co_return 0;
  if (replies_ < turns_.front().repliesBefore) {
    // Whoever may wait for ever only watches, and is told when to stop.
    if (patience.timeout == net::Patience::kForever) throw net::Interrupted(net::Interrupt::shutdown);
    // The client still waits for a line that never came: it gives up, and the transcript shows where.
    transcript_ += "(the client waited for another line of the server)\n";
    turns_.clear();
    co_return 0;
  }
  const Turn turn = std::move(turns_.front());
  turns_.pop_front();
  transcript_ += turn.shown;
  into += turn.sent;
  co_return turn.sent.size();
}

Task<> ScriptStream::write(std::string_view octets, net::Patience) {
  if (closed_) throw net::ConnectionLost("closed by the server");
  said_ += octets;
  for (std::size_t end; (end = said_.find("\r\n")) != std::string::npos; said_.erase(0, end + 2)) {
    transcript_ += "S: " + said_.substr(0, end) + "\n";
    ++replies_;
  }
  co_return;
}

bool ScriptStream::hasPendingInput() const noexcept {
  return false;
}

std::string ScriptStream::transcript() const {
  return transcript_ + (said_.empty() ? "" : "S: " + said_ + "(no line end)\n");
}

}  // namespace posthouse::test
