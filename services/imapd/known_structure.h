#pragma once
#include <optional>

#include "message/mime.h"
#include "store/types.h"

namespace posthouse::imapd {

/// The structure of the last large message that a part was asked of: who fetches a part piece by piece does not have
/// the message read whole for each.
struct KnownStructure {
  store::Uid uid{};
  std::optional<message::Part> tree = {};
};

}  // namespace posthouse::imapd
