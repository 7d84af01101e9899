#include "arrival.h"

#include "latencies.h"

namespace posthouse::bench {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{2};

}  // namespace

Task<Arrival> Arrival::watch(net::Loop& loop, const Server& server, std::vector<std::string> accounts,
                             std::string password) {
  Arrival arrival;
  for (const std::string& account : accounts) {
    ImapClient client = co_await ImapClient::open(loop, server);
    co_await client.logIn(account, password);
    const std::size_t messages = co_await client.messages();
    arrival.inboxes_.push_back({std::move(client), messages});
  }
  co_return arrival;
}

Task<> Arrival::of(net::Loop& loop, const std::vector<std::size_t>& more) {
  const auto start = Clock::now();
  for (std::size_t i = 0; i < inboxes_.size(); ++i) {
    while (co_await inboxes_[i].client.messages() < inboxes_[i].before + more[i]) {
      if (Clock::now() - start > kPatience) throw Failure("what was acknowledged has not arrived in two minutes");
      co_await loop.sleep(kBetweenLooks);
    }
  }
}

}  // namespace posthouse::bench
