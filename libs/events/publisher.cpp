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
                     prometheus::Registry& registry)
    : loop_(loop),
      published_(prometheus::BuildCounter()
                     .Name("posthouse_events_published_total")
                     .Help("Changes of mailboxes told to other programs.")
                     .Register(registry)
                     .Add({{"kind", "mailbox"}})) {
  for (const std::string& address : peers)
    peers_.push_back(std::make_unique<Peer>(rpc::channel(address, security, registry)));
}

Publisher::~Publisher() = default;

void Publisher::publish(MailboxChange change) {
  if (change.committedAt == 0) {
    change.committedAt =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
  }
  published_.Increment();
  for (const auto& peer : peers_) {
    if (peer->waiting.changes_size() < static_cast<int>(kMostWaiting)) {
      auto* waiting = peer->waiting.add_changes();
      waiting->set_account_id(change.account);
      waiting->set_mailbox_id(change.mailbox);
      waiting->set_modseq(change.modseq);
      waiting->set_committed_at_us(change.committedAt);
    }
    if (!peer->sending) calls_.spawn(send(*peer));
  }
}

Task<> Publisher::send(Peer& peer) {
  peer.sending = true;
  co_await loop_.yield();  // a transaction brings many changes, one after the other
  while (peer.waiting.changes_size() > 0) {
    mail::v1::PublishRequest request;
    request.Swap(&peer.waiting);
    mail::v1::PublishResponse response;
    // A failure is not repeated: the peer polls.
    co_await rpc::unary(loop_, kDeadline, request, response,
                        [&peer](auto* context, auto* asked, auto* answer, auto done) {
                          peer.stub->async()->Publish(context, asked, answer, std::move(done));
                        });
    co_await loop_.sleep(kPause);
  }
  peer.sending = false;
}

Task<> Publisher::drained() {
  return calls_.drained();
}

}  // namespace posthouse::events
