#pragma once
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <cstring>
#include <list>
#include <string>
#include <unordered_map>

#include "store/types.h"

namespace posthouse::pop3d {

/// Bodies that were asked for lately, small ones: one mail goes to many people, and one person reads with many devices.
/// A body never changes, so what is here is what is stored; who may have it is told by the message that refers to it,
/// which is looked up each time. Metrics: posthouse_pop3_bodies_total by whence, posthouse_pop3_body_cache_bytes.
class BlobCache {
 public:
  /// Takes no more than so many octets.
  BlobCache(std::size_t octets, prometheus::Registry& registry);

  /// Null if it is not here; good until the next add().
  const std::string* find(const store::BlobId& id);
  /// Instead of those that nobody has asked for the longest.
  void add(const store::BlobId& id, std::string octets);

 private:
  struct Entry {
    store::BlobId id;
    std::string octets;

    std::size_t size() const noexcept;
  };
  struct Hash {
    std::size_t operator()(const store::BlobId& id) const noexcept {
      std::size_t hash = 0;
      std::memcpy(&hash, id.digest.data(), sizeof hash);
      return hash;
    }
  };
  void removeLast();
  void use(std::size_t used);

  std::list<Entry> entries_;  // who was asked for last comes first
  std::unordered_map<store::BlobId, std::list<Entry>::iterator, Hash> places_;
  const std::size_t limit_;
  std::size_t used_ = 0;
  prometheus::Counter* fromMemory_;
  prometheus::Counter* fromStore_;
  prometheus::Gauge& memory_;
};

}  // namespace posthouse::pop3d
