#include "clamd.h"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>

#include "async/task_group.h"
#include "net/line_stream.h"
#include "net/tcp_listener.h"

using namespace posthouse;
using namespace posthouse::filterd;
using namespace std::chrono_literals;

namespace {

/// A clamd on a unix socket that answers every INSTREAM with the same words, and keeps what it was sent.
class FakeClamd {
 public:
  explicit FakeClamd(std::string answer) : answer_(std::move(answer)) {
    std::filesystem::create_directory(folder_);
    listener_.emplace(loop, address(),
                      [this](std::unique_ptr<net::ByteStream> client) { sessions_.spawn(serve(std::move(client))); });
  }
  ~FakeClamd() {
    listener_.reset();
    stop_.request_stop();
    loop.runUntilDone(sessions_.drained());
    std::filesystem::remove_all(folder_);
  }
  FakeClamd(const FakeClamd&) = delete;
  FakeClamd& operator=(const FakeClamd&) = delete;

  net::Address address() const { return *net::Address::parse("unix:" + (folder_ / "clamd").string()); }

  VirusScanner::Result scan(std::string_view message, std::size_t limit = 1 << 20,
                            std::chrono::milliseconds patience = 5s) {
    Clamd clamd(loop, address(), limit);
    return loop.runUntilDone(clamd.scan(message, patience));
  }

  void ping() {
    Clamd clamd(loop, address(), 0);
    loop.runUntilDone(clamd.ping(5s));
  }

  net::Loop loop;
  std::string received;                // the chunks joined
  std::size_t hangUpAfter = SIZE_MAX;  // octets: then it answers and hangs up
  bool silent = false;

 private:
  Task<> serve(std::unique_ptr<net::ByteStream> client) {
    try {
      co_await converse(net::LineStream(std::move(client)));
    } catch (const net::Interrupted&) {
      // The test is over.
    } catch (const net::ConnectionLost&) {
      // The other side gave up.
    }
  }

  Task<> converse(net::LineStream client) {
    const net::Patience patience(5s, stop_.get_token());
    const std::string command = co_await client.readOctets(6, patience);
    if (command == std::string("zPING\0", 6)) {
      client.write(answer_);
      co_return co_await client.flush(patience);
    }
    const std::string rest = co_await client.readOctets(4, patience);
    CHECK(command + rest == std::string("zINSTREAM\0", 10));
    for (std::uint32_t length = 1; length > 0 && received.size() < hangUpAfter;) {
      const std::string prefix = co_await client.readOctets(4, patience);
      length = 0;
      for (const char octet : prefix) length = length << 8 | static_cast<unsigned char>(octet);
      CHECK(length <= 64 * 1024);
      received += co_await client.readOctets(length, patience);
    }
    if (silent) co_await loop.sleep(1h, stop_.get_token());
    client.write(answer_);
    co_await client.flush(patience);
  }

  std::string answer_;
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("posthouse-clamd-" + std::to_string(getpid()));
  std::optional<net::TcpListener> listener_;
  std::stop_source stop_;
  TaskGroup sessions_;
};

std::string zeroEnded(std::string_view text) {
  return std::string(text) + '\0';
}

}  // namespace

TEST_CASE("clamd is sent the message in chunks and understood", "[filterd]") {
  const auto [answer, virus, complete] = GENERATE(table<std::string, std::string, bool>({
      {"stream: OK", "", true},
      {"stream: Eicar-Signature FOUND", "Eicar-Signature", true},
      {"stream: Evil\x1b[2J name FOUND", "Evil?[2J name", true},
      {"INSTREAM size limit exceeded. ERROR", "", false},
  }));
  CAPTURE(answer);
  FakeClamd clamd(zeroEnded(answer));
  const std::string message(200'000, 'x');
  const VirusScanner::Result result = clamd.scan(message);
  CHECK(result.virus == virus);
  CHECK(result.complete == complete);
  CHECK(clamd.received == message);
}

TEST_CASE("clamd is not sent more than it takes", "[filterd]") {
  FakeClamd clamd(zeroEnded("stream: OK"));
  const VirusScanner::Result result = clamd.scan(std::string(200'000, 'x'), 100'000);
  CHECK(result.virus.empty());
  CHECK_FALSE(result.complete);
  CHECK(clamd.received.size() == 100'000);
}

TEST_CASE("an answer that comes before the end of the message counts", "[filterd]") {
  FakeClamd clamd(zeroEnded("INSTREAM size limit exceeded. ERROR"));
  clamd.hangUpAfter = 64 * 1024;
  CHECK_FALSE(clamd.scan(std::string(8 << 20, 'x'), 8 << 20).complete);
}

TEST_CASE("words that are no answer mean that clamd is away", "[filterd]") {
  const std::string answer = GENERATE(zeroEnded("UNKNOWN COMMAND"), zeroEnded("stream:  FOUND"), zeroEnded(""),
                                      std::string("stream: OK"), std::string(5000, 'x'), std::string());
  CAPTURE(answer);
  FakeClamd clamd(answer);
  CHECK_THROWS_AS(clamd.scan("hello"), ScannerAway);
}

TEST_CASE("a clamd that does not answer in time is away", "[filterd]") {
  FakeClamd clamd(zeroEnded("stream: OK"));
  clamd.silent = true;
  CHECK_THROWS_WITH(clamd.scan("hello", 1 << 20, 50ms), "clamd did not answer in time");
}

TEST_CASE("a clamd that answers PING is there", "[filterd]") {
  CHECK_NOTHROW(FakeClamd(zeroEnded("PONG")).ping());
  CHECK_THROWS_WITH(FakeClamd(zeroEnded("UNKNOWN COMMAND")).ping(), "clamd said: UNKNOWN COMMAND");
}

TEST_CASE("where nobody listens, clamd is away", "[filterd]") {
  net::Loop loop;
  Clamd clamd(loop, *net::Address::parse("unix:/nonexistent/clamd"), 1000);
  CHECK_THROWS_AS(loop.runUntilDone(clamd.scan("hello", 1s)), ScannerAway);
}
