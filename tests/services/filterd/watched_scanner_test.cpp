#include "watched_scanner.h"

#include <catch2/catch.hpp>

#include "async/task_group.h"
#include "fakes.h"
#include "support/series.h"

using namespace posthouse;
using namespace posthouse::filterd;
using namespace std::chrono_literals;
using Why = ScannerAway::Why;

namespace {

struct Watch {
  net::Loop loop;
  prometheus::Registry registry;
  FakeScanner scanner;
  WatchedScanner watched{scanner, "clamd", registry};

  bool isUp() const { return test::valueOf(registry, "posthouse_filter_backend_up{backend=\"clamd\"}") == 1; }
  auto timeouts() const { return test::valueOf(registry, "posthouse_filter_timeouts_total{backend=\"clamd\"}"); }
  void scan() {
    try {
      loop.runUntilDone(watched.scan("hello", 1s));
    } catch (const ScannerAway&) {
    }
  }
};

Task<> until(net::Loop& loop, const unsigned& count, unsigned wanted, std::stop_source& stop) {
  while (count < wanted) co_await loop.yield();
  stop.request_stop();
}

}  // namespace

TEST_CASE("a scanner that nobody uses is asked at the start and again and again", "[filterd]") {
  Watch watch;
  watch.scanner.away = GENERATE(false, true);
  CHECK_FALSE(watch.isUp());
  std::stop_source stop;
  TaskGroup group;
  group.spawn(watch.watched.run(watch.loop, 1ms, 1s, stop.get_token()));
  CHECK(watch.scanner.pinged == 1);
  CHECK(watch.isUp() == !watch.scanner.away);
  group.spawn(until(watch.loop, watch.scanner.pinged, 3, stop));
  watch.loop.runUntilDone(group.drained());
  CHECK(watch.scanner.pinged >= 3);
}

TEST_CASE("what a scan comes to tells whether the scanner is there", "[filterd]") {
  Watch watch;
  watch.scan();
  CHECK(watch.isUp());
  watch.scanner.away = true;
  watch.scanner.why = Why::caller;
  watch.scan();
  CHECK(watch.isUp());
  CHECK(watch.timeouts() == 0);
  watch.scanner.why = Why::timeout;
  watch.scan();
  CHECK_FALSE(watch.isUp());
  CHECK(watch.timeouts() == 1);
}
