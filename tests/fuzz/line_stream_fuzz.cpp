// Lines of a connection: the same lines, and the same complaints about long ones, however the octets arrive.
#include "net/line_stream.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "net/loop.h"

using namespace posthouse;

namespace {

/// Gives what it was made with in pieces, then ends.
class Pieces final : public net::ByteStream {
 public:
  Pieces(std::string_view octets, std::size_t piece) : octets_(octets), piece_(piece) {}
  Task<std::size_t> read(std::string& into, net::Patience) override {
    const std::string_view next = octets_.substr(0, piece_);
    octets_.remove_prefix(next.size());
    into += next;
    co_return next.size();
  }
  Task<> write(std::string_view, net::Patience) override { co_return; }
  bool hasPendingInput() const noexcept override { return !octets_.empty(); }
  Task<> shutdown(net::Patience) override { co_return; }
  bool hasPeerClosed() const noexcept override { return octets_.empty(); }
  bool isAcknowledged() const noexcept override { return true; }
  void close() noexcept override {}
  const net::Address& peer() const noexcept override { return nobody_; }
  const net::Address& local() const noexcept override { return nobody_; }

 private:
  std::string_view octets_;
  std::size_t piece_;
  net::Address nobody_;
};

constexpr std::size_t kLimit = 12;

Task<std::vector<std::string>> lines(std::string_view octets, std::size_t piece) {
  net::LineStream stream(std::make_unique<Pieces>(octets, piece));
  std::vector<std::string> lines;
  for (;;) {
    std::optional<std::string> line;
    bool tooLong = false;
    try {
      line = co_await stream.readLine(kLimit, std::chrono::seconds(1));
    } catch (const net::LineTooLong&) {
      tooLong = true;
    }
    if (tooLong) {
      const bool skipped = co_await stream.skipLine(1'000'000, std::chrono::seconds(1));
      lines.emplace_back("too long\r\n");
      if (!skipped) co_return lines;
    } else if (line) {
      if (line->size() + 2 > kLimit || line->contains("\r\n")) std::abort();
      lines.push_back(*line);
    } else {
      co_return lines;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static net::Loop loop;
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = loop.runUntilDone(lines(octets, size));
  if (loop.runUntilDone(lines(octets, data[0] % 8 + 1)) != whole) std::abort();
  return 0;
}
