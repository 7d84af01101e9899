#include "async/task.h"

#include <catch2/catch.hpp>

#include "async/completion.h"
#include "async/task_group.h"

using namespace posthouse;

namespace {

Task<int> twice(Completion<int>& source) {
  const int value = co_await source;
  co_return value * 2;
}

Task<> store(Completion<int>& source, int& into) {
  into = co_await twice(source);
}

Task<> fail() {
  throw std::runtime_error("no");
  co_return;
}

struct Flag {
  bool& gone;
  ~Flag() { gone = true; }
};

Task<> hold(Completion<int>& source, bool& gone) {
  Flag flag{gone};
  co_await source;
}

Task<> noteDrained(TaskGroup& group, bool& drained) {
  co_await group.drained();
  drained = true;
}

}  // namespace

TEST_CASE("a task hands its value to its awaiter", "[async]") {
  Completion<int> source;
  int result = 0;
  TaskGroup group;
  group.spawn(store(source, result));
  CHECK(group.size() == 1);
  source.complete(21);
  CHECK(result == 42);
  CHECK(group.size() == 0);
}

TEST_CASE("an exception passes through the awaiters", "[async]") {
  Completion<int> source;
  int result = 0;
  std::string failure;
  TaskGroup group([&](std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      failure = e.what();
    }
  });
  group.spawn(store(source, result));
  source.fail(std::make_exception_ptr(std::runtime_error("gone")));
  CHECK(failure == "gone");
  group.spawn(fail());
  CHECK(failure == "no");
}

TEST_CASE("a task that is never awaited runs nothing and frees its frame", "[async]") {
  Completion<int> source;
  bool gone = false;
  {
    Task<> task = hold(source, gone);
  }
  CHECK_FALSE(gone);  // its body never began
}

TEST_CASE("a group says when its last task is gone", "[async]") {
  Completion<int> first, second;
  bool goneFirst = false, goneSecond = false, drained = false;
  TaskGroup group, waiters;
  group.spawn(hold(first, goneFirst));
  group.spawn(hold(second, goneSecond));
  waiters.spawn(noteDrained(group, drained));
  first.complete(1);
  CHECK((goneFirst && !drained));
  second.complete(1);
  CHECK((goneSecond && drained));
}
