// clamd's INSTREAM command, clamd(8): "zINSTREAM", NUL, chunks each after its length in four octets of network order, a
// chunk of length 0; the answer ends with NUL.
#include "clamd.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "clamd_answer.h"
#include "net/connect.h"

namespace posthouse::filterd {

namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kMaxAnswer = 1024;

/// What is left of a patience that is meant for several waits together.
class Countdown {
 public:
  explicit Countdown(net::Patience patience) : patience_(std::move(patience)) {}

  net::Patience left() const {
    const auto passed = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started_);
    net::Patience left = patience_;
    left.timeout = std::max(patience_.timeout - passed, std::chrono::milliseconds{0});
    return left;
  }

 private:
  net::Patience patience_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

std::string lengthPrefix(std::size_t length) {
  const auto value = static_cast<std::uint32_t>(length);
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

Task<> sendMessage(net::ByteStream& clamd, std::string_view message, const Countdown& time) {
  co_await clamd.write(std::string_view("zINSTREAM\0", 10), time.left());
  while (!message.empty()) {
    const std::string_view chunk = message.substr(0, kChunk);
    const std::string prefix = lengthPrefix(chunk.size());
    co_await clamd.write(prefix, time.left());
    co_await clamd.write(chunk, time.left());
    message.remove_prefix(chunk.size());
  }
  const std::string end = lengthPrefix(0);
  co_await clamd.write(end, time.left());
}

Task<std::string> readAnswer(net::ByteStream& clamd, const Countdown& time) {
  std::string answer;
  while (!answer.contains('\0')) {
    if (answer.size() > kMaxAnswer) throw ScannerAway("clamd's answer does not end");
    const std::size_t octets = co_await clamd.read(answer, time.left());
    if (octets == 0) throw ScannerAway("clamd hung up");
  }
  answer.resize(answer.find('\0'));
  co_return answer;
}

/// What is being handled, as whoever asked clamd is told of it.
[[noreturn]] void throwAway() {
  using enum ScannerAway::Why;
  try {
    throw;
  } catch (const net::ConnectFailed& failure) {
    throw ScannerAway(failure.what());
  } catch (const net::ConnectionLost& failure) {
    throw ScannerAway(failure.what());
  } catch (const net::Interrupted& interrupted) {
    if (interrupted.why == net::Interrupt::timeout) throw ScannerAway("clamd did not answer in time", timeout);
    throw ScannerAway("the caller went away", caller);
  }
}

}  // namespace

Task<VirusScanner::Result> askClamd(net::ByteStream& clamd, std::string_view message, std::size_t streamLimit,
                                    net::Patience patience) {
  const Countdown time(std::move(patience));
  const std::string_view sent = message.substr(0, streamLimit);
  try {
    co_await sendMessage(clamd, sent, time);
  } catch (const net::ConnectionLost&) {
    // clamd hangs up in the middle once it has seen enough; its answer is there to be read.
  }
  const std::string answer = co_await readAnswer(clamd, time);
  co_return parseScanAnswer(answer, sent.size() == message.size());
}

Task<VirusScanner::Result> Clamd::scan(std::string_view message, net::Patience patience) {
  try {
    const Countdown time(std::move(patience));
    const std::unique_ptr<net::ByteStream> clamd = co_await net::connect(loop_, address_, time.left());
    co_return co_await askClamd(*clamd, message, streamLimit_, time.left());
  } catch (...) {
    throwAway();
  }
}

Task<> Clamd::ping(net::Patience patience) {
  try {
    const Countdown time(std::move(patience));
    const std::unique_ptr<net::ByteStream> clamd = co_await net::connect(loop_, address_, time.left());
    co_await clamd->write(std::string_view("zPING\0", 6), time.left());
    const std::string answer = co_await readAnswer(*clamd, time);
    if (answer != "PONG") throw ScannerAway("clamd said: " + printable(answer));
  } catch (...) {
    throwAway();
  }
}

}  // namespace posthouse::filterd
