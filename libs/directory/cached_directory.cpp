#include "directory/cached_directory.h"

#include <exception>
#include <optional>
#include <utility>

namespace posthouse::directory {
namespace {

bool isFound(const Resolution& resolution) {
  return resolution.result == Resolution::Result::found;
}
bool isFound(bool right) {
  return right;
}

}  // namespace

Task<Resolution> CachedDirectory::resolve(std::string address) {
  co_return co_await answer(resolutions_, address, source_.resolve(address));
}

Task<bool> CachedDirectory::maySendAs(std::int64_t account, std::string address) {
  co_return co_await answer(rights_, std::to_string(account) + ' ' + address, source_.maySendAs(account, address));
}

template <class Value>
const Value* CachedDirectory::find(Remembered<Value>& known, const std::string& key, std::chrono::seconds found) {
  const auto* entry = known.find(key);
  if (entry == nullptr || clock_() - entry->at > (isFound(entry->value) ? found : times_.notFound)) return nullptr;
  return &entry->value;
}

/// The question is a coroutine that has not begun: what is known is not asked.
template <class Value>
Task<Value> CachedDirectory::answer(Remembered<Value>& known, std::string key, Task<Value> question) {
  if (const Value* fresh = find(known, key, times_.found)) co_return *fresh;
  std::exception_ptr away;
  std::optional<Value> value;
  try {
    value = co_await std::move(question);
  } catch (const Unavailable&) {
    away = std::current_exception();
  }
  if (away) {
    if (const Value* stale = find(known, key, times_.foundWhileAway)) co_return *stale;
    std::rethrow_exception(away);
  }
  known.remember(std::move(key), *value, clock_());
  co_return *std::move(value);
}

}  // namespace posthouse::directory
