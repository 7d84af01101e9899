#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "net/loop.h"
#include "net/patience.h"

namespace posthouse::events {

/// Whether a gRPC address names a host, so that several addresses may stand behind it.
bool isName(const std::string& peer);

/// The gRPC address of each address behind "name:port", by the system's resolver, on a thread; nothing while it cannot
/// say. Throws net::Interrupted.
Task<std::optional<std::vector<std::string>>> lookUp(net::Loop& loop, std::string peer, net::Patience patience);

/// How names are looked up: again and again, for replicas come and go.
struct NameLookup {
  std::function<decltype(events::lookUp)> lookUp = events::lookUp;
  std::chrono::milliseconds interval{5'000};
};

}  // namespace posthouse::events
