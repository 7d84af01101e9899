#include "smtpclient/pool.h"

#include <algorithm>

namespace posthouse::smtpclient {

namespace {

/// The peer had gone, or went, before it said what becomes of the mail.
bool isCutShort(const Outcome& outcome) {
  return outcome.reply.code == 421 || (!outcome.isFromPeer && outcome.reply.isTransient());
}

bool hasDeliveryIds(const Envelope& envelope) {
  return std::ranges::all_of(envelope.recipients,
                             [](const smtp::Rcpt& rcpt) { return rcpt.parameters.deliveryId.has_value(); });
}

}  // namespace

Task<Result> Pool::send(net::Address peer, std::string serverName, const Envelope& envelope, Content& content,
                        net::Patience whole) {
  const std::string key = peer.text();
  const net::Deadline deadline(whole);
  content.rewind();
  if (std::unique_ptr<Held> held = takeIdle(key)) {
    const bool mayRepeat = held->connection->takesDeliveryIds() && hasDeliveryIds(envelope);
    Result result = co_await held->connection->send(envelope, content, deadline.left());
    const bool isDead = !held->connection->isUsable() && std::ranges::any_of(result.recipients, isCutShort);
    if (!isDead || (result.mayHaveArrived && !mayRepeat)) {
      keep(key, std::move(held));
      co_return result;
    }
    content.rewind();
  }
  Settings settings = options_.settings;
  settings.serverName = std::move(serverName);
  Connection::Opened opened = co_await connect(loop_, std::move(peer), std::move(settings), deadline.left());
  if (!opened) co_return Result{.recipients = std::vector<Outcome>(envelope.recipients.size(), opened.error())};
  auto held = std::make_unique<Held>(*this, std::move(*opened));
  Result result = co_await held->connection->send(envelope, content, deadline.left());
  keep(key, std::move(held));
  co_return result;
}

std::unique_ptr<Pool::Held> Pool::takeIdle(const std::string& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end()) return nullptr;
  std::unique_ptr<Held> held;
  while (!held && !found->second.empty()) {  // the one used last: the others may retire
    held = std::move(found->second.back().held);
    found->second.pop_back();
    if (!held->connection->isUsable()) held.reset();
  }
  if (found->second.empty()) idle_.erase(found);
  return held;
}

void Pool::keep(const std::string& key, std::unique_ptr<Held> held) {
  if (!held->connection->isUsable()) return;
  if (++held->mails >= options_.maxMailsPerConnection || idle_[key].size() >= options_.maxIdlePerPeer) {
    farewells_.spawn(farewell(std::move(held)));
    return;
  }
  IdleList& list = idle_[key];
  Idle& idle = list.emplace_back();
  idle.held = std::move(held);
  idle.key = key;
  idle.self = std::prev(list.end());
  loop_.timeouts().arm(idle, options_.idleFor);
}

void Pool::retire(const std::string& key, IdleList::iterator idle) {
  const auto found = idle_.find(key);
  std::unique_ptr<Held> held = std::move(idle->held);
  found->second.erase(idle);
  if (found->second.empty()) idle_.erase(found);
  farewells_.spawn(farewell(std::move(held)));
}

Task<> Pool::farewell(std::unique_ptr<Held> held) {
  co_await held->connection->quit();
}

Task<> Pool::close() {
  for (auto& [key, list] : std::exchange(idle_, {})) {
    for (Idle& idle : list) farewells_.spawn(farewell(std::move(idle.held)));
  }
  co_await farewells_.drained();
}

std::size_t Pool::idle() const noexcept {
  std::size_t count = 0;
  for (const auto& [key, list] : idle_) count += list.size();
  return count;
}

}  // namespace posthouse::smtpclient
