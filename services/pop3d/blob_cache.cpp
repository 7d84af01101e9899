#include "blob_cache.h"

#include <utility>

namespace posthouse::pop3d {
namespace {

constexpr std::size_t kOverhead = 256;  // of an entry, both containers and the allocator's included

}  // namespace

std::size_t BlobCache::Entry::size() const noexcept {
  return octets.capacity() + kOverhead;
}

BlobCache::BlobCache(std::size_t octets, prometheus::Registry& registry)
    : limit_(octets),
      memory_(prometheus::BuildGauge()
                  .Name("posthouse_pop3_body_cache_bytes")
                  .Help("Memory of the bodies that are kept for who asks next.")
                  .Register(registry)
                  .Add({})) {
  auto& bodies = prometheus::BuildCounter()
                     .Name("posthouse_pop3_bodies_total")
                     .Help("Bodies of messages by whence they came: from memory, or from the store.")
                     .Register(registry);
  fromMemory_ = &bodies.Add({{"from", "memory"}});
  fromStore_ = &bodies.Add({{"from", "store"}});
}

const std::string* BlobCache::find(const store::BlobId& id) {
  const auto found = places_.find(id);
  (found == places_.end() ? fromStore_ : fromMemory_)->Increment();
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->octets;
}

void BlobCache::add(const store::BlobId& id, std::string octets) {
  Entry entry{id, std::move(octets)};
  const std::size_t size = entry.size();
  if (size > limit_ || places_.contains(id)) return;
  while (used_ + size > limit_) removeLast();
  entries_.push_front(std::move(entry));
  try {
    places_.emplace(id, entries_.begin());
  } catch (...) {
    entries_.pop_front();
    throw;
  }
  use(used_ + size);
}

void BlobCache::removeLast() {
  const Entry& entry = entries_.back();
  use(used_ - entry.size());
  places_.erase(entry.id);
  entries_.pop_back();
}

void BlobCache::use(std::size_t used) {
  used_ = used;
  memory_.Set(static_cast<double>(used));
}

}  // namespace posthouse::pop3d
