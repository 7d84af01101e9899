#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "imap/search.h"
#include "search_text.h"
#include "selected_mailbox.h"
#include "store/message_repository.h"

/// SEARCH keys as questions to one message, RFC 3501 §6.4.4.
namespace posthouse::imapd {

/// What is known of a message so far. The less a question needs, the sooner it is answered.
struct Subject {
  SelectedMailbox::Position position;
  const store::MessageState* state;
  bool recent;
  const store::Summary* summary = nullptr;  // may be unknown
  std::string_view header = {};             // empty: unknown
  std::string_view whole = {};              // empty: unknown
  SearchText* text = nullptr;               // of the two above; there if one of them is known
};

enum class Verdict : std::uint8_t { no, yes, unknown };
using Question = std::function<Verdict(const Subject&)>;

/// All keys must hold. `mailbox` must outlive the question: numbers and keywords are looked up in it.
Question questionOf(const imap::search::And& keys, const SelectedMailbox& mailbox);
/// Whether a question can need a message's body.
bool asksForBody(const imap::search::And& keys);

}  // namespace posthouse::imapd
