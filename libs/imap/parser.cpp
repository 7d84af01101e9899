// Commands, RFC 3501 §9.
#include "imap/parser.h"

#include <array>

#include "imap/date.h"
#include "imap/grammar.h"
#include "imap/mailbox_name.h"

namespace posthouse::imap {
namespace {

using namespace grammar;

std::string mailboxArgument(Cursor& in) {
  space(in);
  return mailbox(in);
}

SequenceSet setArgument(Cursor& in) {
  space(in);
  return sequenceSet(in);
}

/// id_params_list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil       RFC 2971 §4
Command id(Cursor& in) {
  constexpr std::size_t kMaxFields = 30;  // RFC 2971 §3.3
  Id id;
  space(in);
  if (in.take("NIL")) return id;
  in.expect("(");
  if (in.take(")")) return id;
  do {
    if (id.parameters.size() == kMaxFields) throw SyntaxError("too many ID fields");
    std::string field = string(in);
    space(in);
    id.parameters.emplace_back(std::move(field), nstring(in).value_or(""));
  } while (in.take(" "));
  in.expect(")");
  return id;
}

/// authenticate = "AUTHENTICATE" SP auth-type [SP (base64 / "=")] *(CRLF base64)      RFC 4959 §7
Command authenticate(Cursor& in) {
  space(in);
  Authenticate authenticate{ascii::toUpper(atom(in)), std::nullopt};
  if (in.take(" ")) authenticate.initialResponse = std::string(in.expectWhile(isAtomChar, "a base 64 response"));
  return authenticate;
}

/// login = "LOGIN" SP userid SP password
Command login(Cursor& in) {
  Login login;
  space(in);
  login.user = astring(in);
  space(in);
  login.password = astring(in);
  return login;
}

/// enable = "ENABLE" 1*(SP capability)                                               RFC 5161 §4
Command enable(Cursor& in) {
  constexpr std::size_t kMaxCapabilities = 100;
  Enable enable;
  do {
    space(in);
    if (enable.capabilities.size() == kMaxCapabilities) throw SyntaxError("too many capabilities");
    enable.capabilities.push_back(ascii::toUpper(atom(in)));
  } while (!in.atEnd());
  return enable;
}

Command select(Cursor& in) {
  return Select{mailboxArgument(in), false};
}
Command examine(Cursor& in) {
  return Select{mailboxArgument(in), true};
}

Command create(Cursor& in) {
  std::string name = mailboxArgument(in);
  if (name.ends_with('/')) name.pop_back();
  return Create{std::move(name)};
}

Command deleteMailbox(Cursor& in) {
  return Delete{mailboxArgument(in)};
}

/// rename = "RENAME" SP mailbox SP mailbox
Command rename(Cursor& in) {
  std::string from = mailboxArgument(in);
  return Rename{std::move(from), mailboxArgument(in)};
}

Command subscribe(Cursor& in) {
  return Subscribe{mailboxArgument(in)};
}
Command unsubscribe(Cursor& in) {
  return Unsubscribe{mailboxArgument(in)};
}

/// A pattern is decoded as names are; one that is no modified UTF-7 matches nothing that exists.
List listArguments(Cursor& in, bool subscribedOnly) {
  std::string reference = mailboxArgument(in);
  space(in);
  auto pattern = mailboxName(listMailbox(in));
  if (!pattern) throw SyntaxError("a mailbox pattern is not modified UTF-7 (RFC 3501 5.1.3)");
  return List{std::move(reference), *std::move(pattern), subscribedOnly};
}

Command list(Cursor& in) {
  return listArguments(in, false);
}
Command lsub(Cursor& in) {
  return listArguments(in, true);
}

/// status-att = "MESSAGES" / "RECENT" / "UIDNEXT" / "UIDVALIDITY" / "UNSEEN"
Status::Item statusAtt(Cursor& in) {
  if (in.take("MESSAGES")) return Status::Item::messages;
  if (in.take("RECENT")) return Status::Item::recent;
  if (in.take("UIDNEXT")) return Status::Item::uidNext;
  if (in.take("UIDVALIDITY")) return Status::Item::uidValidity;
  if (in.take("UNSEEN")) return Status::Item::unseen;
  throw SyntaxError("unknown STATUS item");
}

/// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
Command status(Cursor& in) {
  constexpr std::size_t kMaxItems = 20;
  Status status{mailboxArgument(in), {}};
  in.expect(" (");
  do {
    if (status.items.size() == kMaxItems) throw SyntaxError("too many STATUS items");
    status.items.push_back(statusAtt(in));
  } while (in.take(" "));
  in.expect(")");
  return status;
}

Command expunge(Cursor&) {
  return Expunge{};
}
Command uidExpunge(Cursor& in) {
  return Expunge{setArgument(in)};
}

/// search = "SEARCH" [SP "CHARSET" SP astring] 1*(SP search-key)
Search searchArguments(Cursor& in, bool byUid) {
  Search search{"US-ASCII", {}, byUid};
  space(in);
  if (in.take("CHARSET ")) {
    search.charset = ascii::toUpper(astring(in));
    space(in);
  }
  search.keys = searchKeys(in);
  return search;
}

/// fetch = "FETCH" SP sequence-set SP ...
Fetch fetchArguments(Cursor& in, bool byUid) {
  SequenceSet set = setArgument(in);
  space(in);
  return Fetch{std::move(set), fetchItems(in), byUid};
}

/// store = "STORE" SP sequence-set SP store-att-flags
/// store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
Store storeArguments(Cursor& in, bool byUid) {
  Store store{setArgument(in), Store::Mode::replace, false, {}, byUid};
  space(in);
  if (in.take("+")) {
    store.mode = Store::Mode::add;
  } else if (in.take("-")) {
    store.mode = Store::Mode::remove;
  }
  in.expect("FLAGS");
  store.silent = in.take(".SILENT");
  space(in);
  store.flags = in.peek() == '(' ? flagList(in) : flagSequence(in);
  return store;
}

/// copy = "COPY" SP sequence-set SP mailbox; move is the same (RFC 6851 §5)
Copy copyArguments(Cursor& in, bool byUid, bool move) {
  SequenceSet set = setArgument(in);
  return Copy{std::move(set), mailboxArgument(in), byUid, move};
}

template <bool byUid>
Command searchCommand(Cursor& in) {
  return searchArguments(in, byUid);
}
template <bool byUid>
Command fetchCommand(Cursor& in) {
  return fetchArguments(in, byUid);
}
template <bool byUid>
Command storeCommand(Cursor& in) {
  return storeArguments(in, byUid);
}
template <bool byUid>
Command copyCommand(Cursor& in) {
  return copyArguments(in, byUid, false);
}
template <bool byUid>
Command moveCommand(Cursor& in) {
  return copyArguments(in, byUid, true);
}
template <class Bare>
Command bare(Cursor&) {
  return Bare{};
}

/// append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal
Append appendArguments(Cursor& in) {
  Append append;
  append.mailbox = mailbox(in);
  space(in);
  if (in.peek() == '(') {
    append.flags = flagList(in);
    space(in);
  }
  if (in.peek() == '"') {
    append.internalDate = dateTime(in);
    space(in);
  }
  in.expect("{");
  append.size = in.number<std::uint64_t>();
  in.take("+");
  in.expect("}");
  return append;
}

/// An APPEND that is right up to its message never comes here (CommandReader::Next::message): says what is wrong.
Command brokenAppend(Cursor& in) {
  space(in);
  appendArguments(in);
  throw SyntaxError("expected the message as a literal");
}

struct Verb {
  std::string_view name;
  Command (*arguments)(Cursor&);
};

constexpr std::array kVerbs = {Verb{"CAPABILITY", bare<Capability>},
                               Verb{"NOOP", bare<Noop>},
                               Verb{"LOGOUT", bare<Logout>},
                               Verb{"ID", id},
                               Verb{"STARTTLS", bare<StartTls>},
                               Verb{"AUTHENTICATE", authenticate},
                               Verb{"LOGIN", login},
                               Verb{"ENABLE", enable},
                               Verb{"SELECT", select},
                               Verb{"EXAMINE", examine},
                               Verb{"CREATE", create},
                               Verb{"DELETE", deleteMailbox},
                               Verb{"RENAME", rename},
                               Verb{"SUBSCRIBE", subscribe},
                               Verb{"UNSUBSCRIBE", unsubscribe},
                               Verb{"APPEND", brokenAppend},
                               Verb{"LIST", list},
                               Verb{"LSUB", lsub},
                               Verb{"NAMESPACE", bare<Namespace>},
                               Verb{"STATUS", status},
                               Verb{"IDLE", bare<Idle>},
                               Verb{"CHECK", bare<Check>},
                               Verb{"CLOSE", bare<Close>},
                               Verb{"UNSELECT", bare<Unselect>},
                               Verb{"EXPUNGE", expunge},
                               Verb{"SEARCH", searchCommand<false>},
                               Verb{"FETCH", fetchCommand<false>},
                               Verb{"STORE", storeCommand<false>},
                               Verb{"COPY", copyCommand<false>},
                               Verb{"MOVE", moveCommand<false>}};

constexpr std::array kUidVerbs = {Verb{"EXPUNGE", uidExpunge},       Verb{"SEARCH", searchCommand<true>},
                                  Verb{"FETCH", fetchCommand<true>}, Verb{"STORE", storeCommand<true>},
                                  Verb{"COPY", copyCommand<true>},   Verb{"MOVE", moveCommand<true>}};

template <std::size_t count>
Command oneOf(const std::array<Verb, count>& verbs, std::string_view name, Cursor& in) {
  for (const Verb& verb : verbs) {
    if (ascii::equalsIgnoringCase(verb.name, name)) return verb.arguments(in);
  }
  throw SyntaxError("unknown command");
}

/// uid = "UID" SP (copy / fetch / search / store)
Command command(Cursor& in) {
  const std::string_view name = atom(in);
  if (!ascii::equalsIgnoringCase(name, "UID")) return oneOf(kVerbs, name, in);
  space(in);
  return oneOf(kUidVerbs, atom(in), in);
}

TaggedAppend appendHead(Cursor& in) {
  std::string tag(grammar::tag(in));
  in.expect(" APPEND ");
  TaggedAppend head{std::move(tag), appendArguments(in)};
  if (!in.atEnd()) throw SyntaxError("text after the message");
  return head;
}

}  // namespace

std::expected<TaggedCommand, ParseFailure> parseCommand(std::string_view text) {
  std::string tag = "*";
  try {
    Cursor in(text);
    tag = grammar::tag(in);
    space(in);
    TaggedCommand parsed{tag, command(in)};
    if (!in.atEnd()) throw SyntaxError("text after the command");
    return parsed;
  } catch (const SyntaxError& error) {
    return std::unexpected(ParseFailure{tag, error.what()});
  }
}

std::optional<TaggedAppend> parseAppendHead(std::string_view text) try {
  Cursor in(text);
  return appendHead(in);
} catch (const SyntaxError&) {
  return std::nullopt;
}

}  // namespace posthouse::imap
