#include "progress.h"

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace posthouse::mailctl;
using namespace std::chrono_literals;

namespace {

/// What was said, at a time that the test sets.
class Listener {
 public:
  explicit Listener(bool isTerminal) : progress(file_, isTerminal, [this] { return now; }) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    std::fclose(file_);
    std::free(text_);
  }

  std::string heard() {
    std::fflush(file_);
    return {text_, size_};
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* const file_ = open_memstream(&text_, &size_);

 public:
  std::chrono::steady_clock::time_point now{};
  Progress progress;
};

}  // namespace

TEST_CASE("progress is told with the rate and what is left", "[mailctl]") {
  const auto [advance, rate, text] = GENERATE(table<Advance, double, std::string>({
      {{0, 100, 0}, 0, "0 of 100 done, 0 a second"},
      {{50, 100, 0}, 5, "50 of 100 done, 5 a second, 0:10 left"},
      {{1200, 10'000, 3}, 300, "1200 of 10000 done, 300 a second, 3 failed, 0:29 left"},
      {{100, 100'000, 0}, 10, "100 of 100000 done, 10 a second, 2:46:30 left"},
      {{100, 100, 100}, 33.4, "100 of 100 done, 33 a second, 100 failed"},
  }));
  CHECK(describe(advance, rate) == text);
}

TEST_CASE("a log hears of progress every ten seconds, and nothing of short work", "[mailctl]") {
  Listener log(false);
  log.progress.at({1, 100, 0});
  log.now += 9s;
  log.progress.at({2, 100, 0});
  CHECK(log.heard().empty());
  log.now += 1s;
  log.progress.at({50, 100, 0});
  log.now += 1s;
  log.progress.at({60, 100, 0});
  log.now += 9s;
  log.progress.at({70, 100, 0});
  log.progress.clear();
  CHECK(log.heard() == "50 of 100 done, 5 a second, 0:10 left\n70 of 100 done, 2 a second, 0:15 left\n");
}

TEST_CASE("a terminal shows progress in one line that goes away", "[mailctl]") {
  Listener terminal(true);
  terminal.progress.at({1, 100, 0});
  CHECK(terminal.heard().empty());
  terminal.now += 1s;
  terminal.progress.at({5, 100, 0});
  terminal.now += 1s;
  terminal.progress.at({10, 100, 0});
  terminal.progress.clear();
  terminal.progress.clear();
  CHECK(terminal.heard() ==
        "\r\x1b[K5 of 100 done, 5 a second, 0:19 left\r\x1b[K10 of 100 done, 5 a second, 0:18 left\r\x1b[K");
}
