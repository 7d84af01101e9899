#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "imap/command.h"

namespace posthouse::imap {

struct TaggedCommand {
  std::string tag;
  Command command;
};

/// Why a command is BAD. `tag` is "*" if it could not be read.
struct ParseFailure {
  std::string tag;
  std::string reason;
};

/// One whole command without its last CRLF, literals in place, as CommandReader gives it.
std::expected<TaggedCommand, ParseFailure> parseCommand(std::string_view text);

struct TaggedAppend {
  std::string tag;
  Append append;
};

/// If `text` is an APPEND up to and with the announcement of its message's literal: that command.
std::optional<TaggedAppend> parseAppendHead(std::string_view text);

}  // namespace posthouse::imap
