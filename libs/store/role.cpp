#include <array>
#include <utility>

#include "store/mailbox_repository.h"

namespace posthouse::store {
namespace {

struct Names {
  Role role;
  std::string_view text;        // as stored and as in JMAP, RFC 8621 §2
  std::string_view specialUse;  // RFC 6154
};

constexpr std::array kNames = {
    Names{Role::none, "", ""},
    Names{Role::inbox, "inbox", ""},
    Names{Role::drafts, "drafts", "\\Drafts"},
    Names{Role::sent, "sent", "\\Sent"},
    Names{Role::junk, "junk", "\\Junk"},
    Names{Role::trash, "trash", "\\Trash"},
    Names{Role::archive, "archive", "\\Archive"},
    Names{Role::flagged, "flagged", "\\Flagged"},
    Names{Role::all, "all", "\\All"},
};

}  // namespace

std::string_view toText(Role role) {
  return kNames[static_cast<std::size_t>(role)].text;
}

std::string_view specialUse(Role role) {
  return kNames[static_cast<std::size_t>(role)].specialUse;
}

Role roleNamed(std::string_view text) {
  for (const Names& names : kNames) {
    if (names.text == text) return names.role;
  }
  return Role::none;
}

}  // namespace posthouse::store
