#include "events/publisher.h"

#include <chrono>

#include "mail/v1/events.grpc.pb.h"
#include "rpc/call.h"
#include "rpc/channel.h"

namespace posthouse::events {

namespace {

using namespace std::chrono_literals;

/// A peer that does not answer in this time learns of the change by its own polling.
constexpr auto kDeadline = 2s;
/// For an answer of the resolver; what was known stays in use meanwhile.
constexpr auto kLookUp = 10s;
/// Between two calls to a peer: what a client who waits for mail does not notice.
constexpr auto kPause = 2ms;
/// What waits for a slow peer; more is dropped, since it polls.
constexpr std::size_t kMostWaiting = 10'000;

}  // namespace

struct Publisher::Peer {
  explicit Peer(const std::shared_ptr<grpc::Channel>& channel) : stub(mail::v1::Events::NewStub(channel)) {}

  std::unique_ptr<mail::v1::Events::Stub> stub;
  mail::v1::PublishRequest waiting;
  bool sending = false;
};

Publisher::Publisher(net::Loop& loop, const std::vector<std::string>& peers, const rpc::Security& security,
                     prometheus::Registry& registry, NameLookup names)
    : loop_(loop),
      security_(security),
      registry_(registry),
      names_(std::move(names)),
      published_(prometheus::BuildCounter()
                     .Name("posthouse_events_published_total")
                     .Help("Changes of mailboxes told to other programs.")
                     .Register(registry)
                     .Add({{"kind", "mailbox"}})) {
  for (const std::string& peer : peers) {
    ByAddress& byAddress = peers_[peer];
    byAddress[peer] = makePeer(peer, "");  // of a name: until its addresses are known, it reaches one of them
    if (isName(peer)) followers_.spawn(follow(peer, byAddress));
  }
}

Publisher::~Publisher() = default;

std::shared_ptr<Publisher::Peer> Publisher::makePeer(const std::string& address, const std::string& name) const {
  return std::make_shared<Peer>(
      rpc::channel(address, security_, registry_, mail::v1::Events::service_full_name(), name));
}

Task<> Publisher::follow(std::string name, ByAddress& peers) {
  try {
    while (true) {
      const auto addresses = co_await names_.lookUp(loop_, name, net::Patience(kLookUp, stop_.get_token()));
      if (addresses) adopt(name, *addresses, peers);
      co_await loop_.sleep(names_.interval, stop_.get_token());
    }
  } catch (const net::Interrupted&) {  // the program ends
  }
}

/// Peers that are still there keep their connections; what waits for one that is not is its loss.
void Publisher::adopt(const std::string& name, const std::vector<std::string>& addresses, ByAddress& peers) try {
  const std::string host = name.substr(0, name.rfind(':'));
  ByAddress found;
  for (const std::string& address : addresses) {
    const auto known = peers.find(address);
    found[address] = known != peers.end() ? known->second : makePeer(address, host);
  }
  if (!found.empty()) peers = std::move(found);
} catch (const std::runtime_error&) {
  // Our certificate cannot be read, as in the middle of its renewal: those known stay until the next time.
}

void Publisher::publish(MailboxChange change) {
  if (change.committedAt == 0) {
    change.committedAt =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
  }
  published_.Increment();
  const auto tell = [&](const std::shared_ptr<Peer>& peer) {
    if (peer->waiting.changes_size() < static_cast<int>(kMostWaiting)) {
      auto* waiting = peer->waiting.add_changes();
      waiting->set_account_id(change.account);
      waiting->set_mailbox_id(change.mailbox);
      waiting->set_modseq(change.modseq);
      waiting->set_committed_at_us(change.committedAt);
    }
    if (!peer->sending) calls_.spawn(send(peer));
  };
  for (const auto& [name, byAddress] : peers_)
    for (const auto& [address, peer] : byAddress) tell(peer);
}

Task<> Publisher::send(std::shared_ptr<Peer> peer) {
  peer->sending = true;
  co_await loop_.yield();  // a transaction brings many changes, one after the other
  while (peer->waiting.changes_size() > 0) {
    mail::v1::PublishRequest request;
    request.Swap(&peer->waiting);
    mail::v1::PublishResponse response;
    // A failure is not repeated: the peer polls.
    co_await rpc::unary(loop_, kDeadline, request, response,
                        [&peer](auto* context, auto* asked, auto* answer, auto done) {
                          peer->stub->async()->Publish(context, asked, answer, std::move(done));
                        });
    co_await loop_.sleep(kPause);
  }
  peer->sending = false;
}

Task<> Publisher::drained() {
  stop_.request_stop();
  co_await followers_.drained();
  co_await calls_.drained();
}

}  // namespace posthouse::events
