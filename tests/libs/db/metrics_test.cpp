#include <catch2/catch.hpp>
#include <map>

#include "async/task_group.h"
#include "number_table.h"

using namespace posthouse;
using db::Transaction;
using test::add;
using test::NumberTable;

namespace {

using Labels = std::map<std::string, std::string>;

/// A counter's or gauge's value, a histogram's count; nothing if there is no such series.
std::optional<double> sample(NumberTable& table, const std::string& name, const Labels& labels) {
  for (const auto& family : table.registry.Collect()) {
    if (family.name != name) continue;
    for (const auto& metric : family.metric) {
      Labels found;
      for (const auto& label : metric.label) found[label.name] = label.value;
      if (found != labels) continue;
      if (family.type == prometheus::MetricType::Counter) return metric.counter.value;
      if (family.type == prometheus::MetricType::Gauge) return metric.gauge.value;
      return static_cast<double>(metric.histogram.sample_count);
    }
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("every series of a database is there before anything has happened", "[db]") {
  NumberTable table;
  for (const char* errorClass : {"08", "23", "25", "40", "53", "55", "57", "XX"}) {
    for (const char* retryable : {"true", "false"})
      CHECK(sample(table, "posthouse_db_errors_total", {{"class", errorClass}, {"retryable", retryable}}) == 0);
  }
  for (const char* query : {"write", "read", "single"}) {
    for (const char* result : {"ok", "error"})
      CHECK(sample(table, "posthouse_db_query_duration_seconds", {{"query", query}, {"result", result}}) == 0);
  }
  CHECK(sample(table, "posthouse_worker_queue_depth", {{"pool", "database"}}) == 0);
}

TEST_CASE("work is timed by its kind and its end", "[db]") {
  NumberTable table;
  const auto job = [](Transaction& transaction) { add(transaction); };
  table.loop.runUntilDone(table.database.transact(job));
  table.loop.runUntilDone(table.database.single(job));
  CHECK_THROWS(table.loop.runUntilDone(table.database.query(job)));
  const auto count = [&](const char* query, const char* result) {
    return sample(table, "posthouse_db_query_duration_seconds", {{"query", query}, {"result", result}});
  };
  CHECK(count("write", "ok") == 1);
  CHECK(count("single", "ok") == 1);
  CHECK(count("read", "ok") == 0);
  CHECK(count("read", "error") == 1);
  CHECK(sample(table, "posthouse_db_errors_total", {{"class", "25"}, {"retryable", "false"}}) == 1);
}

TEST_CASE("the queue is as deep as jobs wait for a thread", "[db]") {
  NumberTable table(1);
  std::optional<double> depth;
  const auto look = [&](Transaction&) {
    if (!depth) depth = sample(table, "posthouse_worker_queue_depth", {{"pool", "database"}});
  };
  TaskGroup group;
  std::atomic<bool> all = false;
  group.spawn(table.database.transact([&](Transaction&) { all.wait(false); }));
  for (int i = 0; i < 4; ++i) group.spawn(table.database.transact(look));
  all = true;
  all.notify_one();
  table.loop.runUntilDone(group.drained());
  CHECK(depth == 3);
  CHECK(sample(table, "posthouse_worker_queue_depth", {{"pool", "database"}}) == 0);
}
