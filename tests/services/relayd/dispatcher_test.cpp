#include "dispatcher.h"

#include <prometheus/text_serializer.h>

#include <catch2/catch.hpp>

#include "async/completion.h"
#include "services/relayd/workshop.h"

using namespace posthouse;
using namespace posthouse::relayd;
using namespace std::chrono_literals;

namespace {

/// Holds every attempt until it is told to go on, or interrupted.
struct SlowTransport final : Transport {
  explicit SlowTransport(net::Loop& loop) : loop_(loop) {}
  std::size_t underWay = 0;
  std::size_t most = 0;
  std::size_t interrupted = 0;
  std::stop_source goOn;

  std::string_view name() const override { return "smtp"; }
  Task<std::vector<Report>> send(const Parcel& parcel, net::Patience whole) override {
    most = std::max(most, ++underWay);
    while (!goOn.stop_requested() && !whole.stop.stop_requested()) co_await loop_.sleep(1ms);
    --underWay;
    if (goOn.stop_requested())
      co_return std::vector<Report>(parcel.recipients.size(), {.reply = smtp::Reply(250, "OK"), .host = "mx"});
    ++interrupted;
    co_return std::vector<Report>(parcel.recipients.size(), {.reply = smtp::Reply(451, "4.3.2 shutting down")});
  }

 private:
  net::Loop& loop_;
};

struct Running : TestWorkshop {
  SlowTransport slow{loop};
  Workshop slowWorkshop{loop, config, queue, bodies, directory, local, slow, bounces, ids, metrics, log, clock};
  Dispatcher dispatcher{slowWorkshop};
  std::stop_source draining;
  TaskGroup work;

  Running() {
    config.pollInterval = 1ms;
    config.drainPatience = 1h;
  }
  ~Running() { end(); }

  store::Claim claimOf(int message, const std::string& address) {
    store::Claim claim = this->claim(address);
    claim.message.id = store::QueueId{message};
    return claim;
  }
  void start() { work.spawn(dispatcher.run(draining.get_token())); }
  template <class Condition>
  void until(Condition condition) {
    while (!condition()) loop.runUntilDone(loop.sleep(1ms));
  }
  void end() {
    slow.goOn.request_stop();
    draining.request_stop();
    loop.runUntilDone(work.drained());
  }
};

}  // namespace

TEST_CASE("a destination gets no more attempts at a time than it should", "[relayd]") {
  Running run;
  run.config.maxPerDestination = 2;
  for (int i = 0; i < 5; ++i) run.queue.due.push_back(run.claimOf(i, "bob@x.example"));
  run.queue.due.push_back(run.claimOf(9, "carol@y.example"));
  run.start();
  run.until([&] { return run.slow.underWay == 3; });  // two of x.example, one of y.example
  run.until([&] { return run.queue.exceptions == std::vector<std::string>{"x.example"}; });
  CHECK(run.dispatcher.active() == 3);
  run.slow.goOn.request_stop();
  run.until([&] { return run.queue.finished() == 6; });
  CHECK(run.slow.most == 3);
}

TEST_CASE("recipients of one message at one destination go together", "[relayd]") {
  Running run;
  run.config.maxRecipients = 3;
  for (int i = 0; i < 4; ++i) run.queue.due.push_back(run.claimOf(1, std::to_string(i) + "@x.example"));
  run.queue.due.push_back(run.claimOf(1, "a@y.example"));
  run.queue.due.push_back(run.claimOf(2, "a@x.example"));
  run.start();
  run.until([&] { return run.slow.underWay == 4; });  // three and one, y.example, the other message
  CHECK(run.dispatcher.active() == 4);
}

TEST_CASE("leases are renewed while attempts last", "[relayd]") {
  Running run;
  run.config.lease = 1s;
  run.queue.due.push_back(run.claimOf(1, "bob@x.example"));
  run.start();
  run.until([&] { return run.queue.renewed >= 2; });
  CHECK(run.queue.settled.empty());
}

TEST_CASE("nothing is claimed until the queue has heard what was sent while it was away", "[relayd]") {
  Running run;
  run.queue.failures = 1;
  run.queue.due.push_back(run.claimOf(1, "bob@x.example"));
  run.slow.goOn.request_stop();
  run.start();
  run.until([&] { return run.queue.finished() == 1; });
  CHECK(run.queue.claimedBlindly == 0);
}

TEST_CASE("a drain finishes what is under way and gives back what was not begun", "[relayd]") {
  Running run;
  run.config.maxPerDestination = 1;
  for (int i = 0; i < 3; ++i) run.queue.due.push_back(run.claimOf(i, "bob@x.example"));
  run.start();
  run.until([&] { return run.slow.underWay == 1; });
  run.draining.request_stop();
  run.until([&] { return !run.queue.settled.empty(); });
  CHECK(run.queue.settled.front().deferred.size() == 2);
  CHECK(run.queue.settled.front().deferred.front().nextAt == run.now);
  run.end();
  CHECK(run.queue.finished() == 1);
}

TEST_CASE("a drain does not wait for a slow server for ever", "[relayd]") {
  Running run;
  run.config.drainPatience = 1ms;
  run.queue.due.push_back(run.claimOf(1, "bob@x.example"));
  run.start();
  run.until([&] { return run.slow.underWay == 1; });
  run.draining.request_stop();
  run.loop.runUntilDone(run.work.drained());
  CHECK(run.slow.interrupted == 1);
  CHECK(run.queue.settled.front().deferred.front().nextAt == run.now);
}

TEST_CASE("what others had is left to them at first", "[relayd]") {
  Running run;
  run.queue.due.push_back(run.claimOf(1, "bob@x.example"));
  run.start();
  run.slow.goOn.request_stop();
  run.until([&] { return run.queue.finished() == 1; });
  CHECK_FALSE(run.queue.tookOver);
}

TEST_CASE("the queue is shown by the worker that leads", "[relayd]") {
  Running run;
  const bool leads = GENERATE(true, false);
  run.queue.leads = leads;
  run.queue.due.push_back(run.claimOf(1, "bob@x.example"));
  run.slow.goOn.request_stop();
  run.start();
  run.until([&] { return run.queue.finished() == 1; });
  const std::string text = prometheus::TextSerializer().Serialize(run.registry.Collect());
  CHECK_THAT(text, Catch::Contains(std::string("posthouse_queue_messages{state=\"ready\"} ") + (leads ? "7" : "0")));
}

TEST_CASE("a queue that cannot be read now is asked again", "[relayd]") {
  Running run;
  run.queue.unreadable = 3;
  run.queue.due.push_back(run.claimOf(1, "bob@x.example"));
  run.start();
  run.slow.goOn.request_stop();
  run.until([&] { return run.queue.finished() == 1; });
}
