#include "async/handover.h"

#include <catch2/catch.hpp>

#include "async/task_group.h"

using namespace posthouse;

namespace {

Task<> takeAll(Handover<int>& handover, std::vector<std::vector<int>>& taken, Event& pause) {
  while (true) {
    std::vector<int> items = co_await handover.take(3);
    if (items.empty()) co_return;
    taken.push_back(std::move(items));
    pause.reset();
    co_await pause;
  }
}

}  // namespace

TEST_CASE("what is put while the taker is busy is taken together, in order, and all of it before the end", "[async]") {
  Handover<int> handover;
  std::vector<std::vector<int>> taken;
  Event pause;
  TaskGroup group;
  group.spawn(takeAll(handover, taken, pause));
  CHECK(taken.empty());
  for (int i = 1; i <= 6; ++i) handover.put(i);
  CHECK(taken == std::vector<std::vector<int>>{{1}});
  pause.set();
  CHECK(taken.back() == std::vector<int>{2, 3, 4});
  handover.close();
  pause.set();
  CHECK(taken.back() == std::vector<int>{5, 6});
  CHECK(group.size() == 1);
  pause.set();
  CHECK(group.size() == 0);
}
