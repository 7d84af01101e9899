#pragma once
#include <vector>

#include "maildir/messages.h"
#include "maildir/old_ids.h"

namespace posthouse::mailctl::maildir {

/// The order in which the old server gave the messages their UIDs; those without one after them, as they were
/// delivered.
void inOldOrder(std::vector<Messages::Entry>& entries, const OldIds& ids);

}  // namespace posthouse::mailctl::maildir
