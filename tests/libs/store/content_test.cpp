#include "store/content.h"

#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

#include "store/blob_store.h"

using namespace posthouse;
using namespace posthouse::store;

// Recipients of one message are stored by several threads when some of their accounts are busy.
TEST_CASE("a content is encoded once, whichever threads ask for it", "[store]") {
  constexpr int kThreads = 8;
  const std::string octets = "Subject: x\r\n\r\n" + std::string(100'000, 'x');
  const Content content(octets, 14, "(envelope)", "(structure)");

  std::vector<const EncodedBlob*> seen(kThreads);
  std::vector<std::thread> threads;
  for (const EncodedBlob*& own : seen) threads.emplace_back([&own, &content] { own = &content.encoded(); });
  for (std::thread& thread : threads) thread.join();

  CHECK(std::set(seen.begin(), seen.end()).size() == 1);
  CHECK(seen.front()->id == BlobId::of(octets));
  CHECK(seen.front()->size == octets.size());
}
