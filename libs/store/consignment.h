#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "store/delivery_repository.h"

namespace posthouse::store {

/// The queue key as it is stored. The octets are part of it: two processes may mint one queue id, and what has other
/// octets is no repeat. Empty if there is none.
std::string storedQueueKey(const Parcel& parcel);

/// Parcels sorted for one call of posthouse.deliver_batch: each body once, each mailbox once, no key twice.
class Consignment {
 public:
  explicit Consignment(std::span<const Parcel> parcels);

  /// An answer for each parcel, in their order.
  std::vector<Delivered> send(db::Transaction& transaction, bool wait) const;

 private:
  using Key = std::pair<AccountId, std::string>;
  using Box = std::pair<AccountId, MailboxId>;

  struct Sent {
    Parcel parcel;
    std::string queueKey;  // as it is stored
  };

  std::optional<std::size_t> earlierTwin(const Sent& sent) const;

  struct Place {
    bool isTwin;         // of a parcel before it, with which it has a key in common
    std::size_t answer;  // in what the call returns
  };
  std::vector<Place> places_;  // of the parcels
  std::vector<Sent> sent_;     // those that are no twins
  std::map<Key, std::size_t> keys_;
  // In the order of the locks: blobs by id, then accounts. The numbers count from 1, as PostgreSQL's arrays do.
  std::map<BlobId, std::pair<const Content*, int>> bodies_;
  std::map<Box, int> boxes_;
};

}  // namespace posthouse::store
