#include "async/started.h"

#include <catch2/catch.hpp>
#include <stdexcept>

using namespace posthouse;

namespace {

Task<int> twice(Completion<int>& source) {
  co_return 2 * co_await source;
}

Task<int> fail() {
  throw std::runtime_error("no");
  co_return 0;
}

Task<> store(Started<int> started, int& into) {
  into = co_await std::move(started).value();
}

Task<> note(Started<int> started, std::string& into) {
  try {
    co_await std::move(started).value();
  } catch (const std::runtime_error& failure) {
    into = failure.what();
  }
}

}  // namespace

TEST_CASE("a started task goes on before anybody asks for its value", "[async]") {
  TaskGroup group;
  Completion<int> source;
  Started<int> started(group, twice(source));
  CHECK(group.size() == 1);
  source.complete(21);
  CHECK(started.isDone());
  CHECK(group.size() == 0);
  int value = 0;
  group.spawn(store(std::move(started), value));
  CHECK(value == 42);
}

TEST_CASE("who asks before the end waits for it", "[async]") {
  TaskGroup group;
  Completion<int> source;
  int value = 0;
  group.spawn(store(Started<int>(group, twice(source)), value));
  CHECK(value == 0);
  source.complete(4);
  CHECK(value == 8);
}

TEST_CASE("what a started task throws is told to who asks for its value", "[async]") {
  TaskGroup group;
  std::string told;
  group.spawn(note(Started<int>(group, fail()), told));
  CHECK(told == "no");
}

TEST_CASE("a started task that nobody asks about runs to its end", "[async]") {
  TaskGroup group;
  Completion<int> source;
  {
    const Started<int> started(group, twice(source));
  }
  CHECK(group.size() == 1);
  source.complete(1);
  CHECK(group.size() == 0);
}
