#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "imap/fetch.h"
#include "imap/flags.h"
#include "imap/search.h"
#include "imap/sequence_set.h"

/// The commands of RFC 3501 §6 and of the extensions named beside them. Mailbox names are UTF-8.
namespace posthouse::imap {

struct Capability {};
struct Noop {};
struct Logout {};
/// RFC 2971. Values that the client left NIL are empty.
struct Id {
  std::vector<std::pair<std::string, std::string>> parameters;
};

struct StartTls {};
struct Authenticate {
  std::string mechanism;                       ///< in capitals
  std::optional<std::string> initialResponse;  ///< RFC 4959, still in base 64; "=" is the empty one
};
struct Login {
  std::string user;
  std::string password;
};

struct Enable {
  std::vector<std::string> capabilities;  ///< RFC 5161, in capitals
};
struct Select {
  std::string mailbox;
  bool readOnly;  ///< EXAMINE
};
struct Create {
  std::string mailbox;  ///< without the trailing separator that announces children (RFC 3501 §6.3.3)
};
struct Delete {
  std::string mailbox;
};
struct Rename {
  std::string from;
  std::string to;
};
struct Subscribe {
  std::string mailbox;
};
struct Unsubscribe {
  std::string mailbox;
};
struct List {
  std::string reference;
  std::string pattern;
  bool subscribedOnly;  ///< LSUB
};
struct Namespace {};
struct Status {
  enum class Item : std::uint8_t { messages, recent, uidNext, uidValidity, unseen };
  std::string mailbox;
  std::vector<Item> items;
};
/// All but the message, which follows as a literal of `size` octets.
struct Append {
  std::string mailbox;
  Flags flags;
  std::optional<std::chrono::sys_seconds> internalDate;
  std::uint64_t size;
};
struct Idle {};

struct Check {};
struct Close {};
struct Unselect {};
struct Expunge {
  std::optional<SequenceSet> uids;  ///< UID EXPUNGE (RFC 4315)
};
struct Search {
  std::string charset;  ///< in capitals; US-ASCII if the client named none
  search::And keys;
  bool byUid;
};
struct Fetch {
  SequenceSet set;
  std::vector<FetchItem> items;
  bool byUid;
};
struct Store {
  enum class Mode : std::uint8_t { replace, add, remove };
  SequenceSet set;
  Mode mode;
  bool silent;
  Flags flags;
  bool byUid;
};
struct Copy {
  SequenceSet set;
  std::string mailbox;
  bool byUid;
  bool move;  ///< MOVE (RFC 6851)
};

using Command = std::variant<Capability, Noop, Logout, Id, StartTls, Authenticate, Login, Enable, Select, Create,
                             Delete, Rename, Subscribe, Unsubscribe, List, Namespace, Status, Idle, Check, Close,
                             Unselect, Expunge, Search, Fetch, Store, Copy>;

}  // namespace posthouse::imap
