#include "reading_memory.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "house.h"

using namespace posthouse;
using namespace posthouse::imapd;

namespace {

using Hold = ReadingMemory::Hold;

/// Takes some, says so, and lets it go a few turns of the loop later.
Task<> borrow(net::Loop& loop, ReadingMemory& memory, std::uint64_t octets, std::vector<std::uint64_t>& order) {
  const Hold hold = co_await memory.take(octets, {});
  order.push_back(octets);
  for (int i = 0; i < 3; ++i) co_await loop.yield();
}

Task<> asked(Client& client, std::string command, int& finished) {
  const std::string answer = co_await client.ask(std::move(command));
  CHECK_THAT(answer.substr(answer.size() < 60 ? 0 : answer.size() - 60), Catch::Contains("x OK "));
  ++finished;
}

/// Eight clients, and room for one message at a time.
Task<> inTurns(House& house, Street& street) {
  constexpr int kClients = 8;
  constexpr std::uint64_t kRoomForOne = std::uint64_t{7} * 1024 * 1024;
  ReadingMemory& memory = house.services.readingMemory;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(co_await street.inInbox());
  const Hold others = co_await memory.take(house.config.readMemory - kRoomForOne, {});
  std::optional<Hold> rest = co_await memory.take(kRoomForOne, {});
  int finished = 0;
  TaskGroup asking;
  for (int i = 0; i < kClients; ++i) {
    asking.spawn(asked(*clients[static_cast<std::size_t>(i)],
                       i % 2 == 0 ? "x FETCH 1 BODY.PEEK[1.HEADER]" : "x SEARCH BODY needle", finished));
  }
  co_await house.loop.sleep(std::chrono::milliseconds(200));
  CHECK(finished == 0);
  rest.reset();
  std::uint64_t most = 0;
  while (finished < kClients) {
    most = std::max(most, memory.held());
    co_await house.loop.yield();
  }
  CHECK(most <= house.config.readMemory);
  CHECK(most > house.config.readMemory - kRoomForOne);
  co_await asking.drained();
  CHECK(memory.held() == house.config.readMemory - kRoomForOne);
}

Task<> interruptedWhileWaiting(ReadingMemory& memory) {
  std::stop_source stop;
  const Hold all = co_await memory.take(100, {});
  stop.request_stop();
  CHECK_THROWS_AS(co_await memory.take(1, stop.get_token()), net::Interrupted);
}

}  // namespace

TEST_CASE("who finds no room waits in the order of coming, a large one before small ones", "[imapd]") {
  net::Loop loop;
  ReadingMemory memory(loop, 100);
  std::vector<std::uint64_t> order;
  TaskGroup borrowers;
  for (const std::uint64_t octets : {60, 30, 500, 10, 20, 90}) borrowers.spawn(borrow(loop, memory, octets, order));
  CHECK(order == std::vector<std::uint64_t>{60, 30});
  CHECK(memory.held() == 90);
  loop.runUntilDone(borrowers.drained());
  CHECK(order == std::vector<std::uint64_t>{60, 30, 500, 10, 20, 90});
  CHECK(memory.held() == 0);
}

TEST_CASE("the end of a drain ends the waiting for room", "[imapd]") {
  net::Loop loop;
  ReadingMemory memory(loop, 100);
  loop.runUntilDone(interruptedWhileWaiting(memory));
  CHECK(memory.held() == 0);
}

TEST_CASE("messages that are read whole wait for memory, and all are answered", "[imapd]") {
  FurnishedHouse furnished;
  Street street(furnished.house);
  const std::string inner = "Subject: inner\r\n\r\n" + std::string(700'000, 'x') + " needle\r\n";
  const std::string octets =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner +
      "--b--\r\n";
  furnished.house.play(kLogin + "C: a APPEND INBOX {" + std::to_string(octets.size()) +
                       "+}\nC: " + std::regex_replace(octets, std::regex("\r\n"), "\nC: ") + "\n");
  furnished.house.loop.runUntilDone(inTurns(furnished.house, street));
}
