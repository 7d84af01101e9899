// Message ids: bounded in number, never empty, and an id of plain words reads the same in angle brackets again.
#include "message/message_id.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto ids = message::parseMessageIds(text);
  if (ids.size() > message::kMaxMessageIds) std::abort();
  for (const std::string& id : ids) {
    if (id.empty()) std::abort();
    const bool plain = std::ranges::all_of(id, [](char c) {
      return c > ' ' && c < 127 && std::string_view("()<>\"\\").find(c) == std::string_view::npos;
    });
    if (plain && message::parseMessageId("<" + id + ">") != id) std::abort();
  }
  if (const auto id = message::parseMessageId(text); id && id->empty()) std::abort();
  return 0;
}
