#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "store/message_repository.h"

namespace posthouse::store {

/// A view as octets, small: what follows from the message before takes next to none.
std::string toImage(const MailboxView& view);
/// Nothing if another version of the program made them.
std::optional<MailboxView> fromImage(std::string_view image);

/// What a view becomes by the changes since; they are complete.
MailboxView withChanges(const MailboxView& base, const Changes& changes);

}  // namespace posthouse::store
