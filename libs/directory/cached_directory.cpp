#include "directory/cached_directory.h"

namespace posthouse::directory {

Task<Resolution> CachedDirectory::resolve(std::string address) {
  if (const Entry* fresh = find(address, times_.found)) co_return fresh->resolution;
  std::exception_ptr away;
  Resolution resolution;
  try {
    resolution = co_await source_.resolve(address);
  } catch (const Unavailable&) {
    away = std::current_exception();
  }
  if (away) {
    if (const Entry* stale = find(address, times_.foundWhileAway)) co_return stale->resolution;
    std::rethrow_exception(away);
  }
  remember(std::move(address), resolution);
  co_return resolution;
}

const CachedDirectory::Entry* CachedDirectory::find(const std::string& address, std::chrono::seconds found) {
  const auto known = byAddress_.find(address);
  if (known == byAddress_.end()) return nullptr;
  const bool isFound = known->second->resolution.result == Resolution::Result::found;
  if (clock_() - known->second->at > (isFound ? found : times_.notFound)) return nullptr;
  entries_.splice(entries_.begin(), entries_, known->second);
  return &entries_.front();
}

void CachedDirectory::forget(const std::string& address) {
  const auto known = byAddress_.find(address);
  if (known == byAddress_.end()) return;
  const auto entry = known->second;
  byAddress_.erase(known);
  entries_.erase(entry);
}

void CachedDirectory::remember(std::string address, const Resolution& resolution) {
  forget(address);
  entries_.push_front({std::move(address), resolution, clock_()});
  byAddress_.emplace(entries_.front().address, entries_.begin());
  if (entries_.size() <= kMostAddresses) return;
  byAddress_.erase(entries_.back().address);
  entries_.pop_back();
}

}  // namespace posthouse::directory
