#pragma once
#include "maildir/import_stream.h"
#include "maildir/report.h"

namespace posthouse::mailctl::maildir {

/// Of a unique id that no message could have.
inline constexpr const char* kUnfitId =
    "its unique id is not 1 to 70 characters as RFC 1939 has them, or looks like one of ours: it gets one of ours";

/// What became of a message that was sent.
void note(const ImportStream::Sent& sent, const admin::ImportedMessage& message, Report& report);

}  // namespace posthouse::mailctl::maildir
