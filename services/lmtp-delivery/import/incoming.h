#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "store/delivery_repository.h"
#include "store/unique_id_repository.h"

namespace posthouse::lmtp_delivery {

/// A message of another server on its way into a folder.
struct Incoming {
  std::uint64_t number = 0;  // the caller's
  store::MailboxId mailbox{};
  std::string key;  // that is stored with it
  std::vector<std::string> flags;
  std::chrono::system_clock::time_point internalDate;
  std::string uniqueId;  // empty: ours
  std::string octets;
  std::unique_ptr<MemoryShare> memory;
  std::string refusal;  // set: it is not stored, and this is why
};

/// What became of one.
struct Imported {
  store::Delivered delivered{};
  std::optional<store::UniqueIdFate> uniqueId;  // if it was asked for, and the message was stored, now or earlier
  std::vector<std::string> lostFlags;
};

}  // namespace posthouse::lmtp_delivery
