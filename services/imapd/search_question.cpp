// SEARCH keys, RFC 3501 §6.4.4.
#include "search_question.h"

#include <algorithm>
#include <chrono>

#include "case_fold.h"
#include "flag_list.h"
#include "message/charset.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/header.h"

namespace posthouse::imapd {
namespace {

using namespace imap::search;

Verdict verdict(bool holds) {
  return holds ? Verdict::yes : Verdict::no;
}

bool dateHolds(DateIs::Relation relation, std::chrono::sys_days date, std::chrono::sys_days asked) {
  switch (relation) {
    case DateIs::Relation::before:
      return date < asked;
    case DateIs::Relation::on:
      return date == asked;
    case DateIs::Relation::since:
      return date >= asked;
  }
  return false;
}

/// The day in the zone of the sender (RFC 3501: "disregarding time and timezone"). The summary, which is in UTC,
/// decides where no zone could change the answer.
Verdict sentVerdict(const DateIs& key, std::chrono::sys_days asked, const Subject& subject) {
  using namespace std::chrono;
  if (!subject.header.empty()) {
    const auto value = message::Header(subject.header).value("Date");
    const auto date = value ? message::parseDate(*value) : std::nullopt;
    return verdict(date && dateHolds(key.relation, floor<days>(date->time + date->zone), asked));
  }
  if (!subject.summary) return Verdict::unknown;
  if (!subject.summary->sentAt) return Verdict::no;
  const bool earliest = dateHolds(key.relation, floor<days>(*subject.summary->sentAt - hours(24)), asked);
  const bool latest = dateHolds(key.relation, floor<days>(*subject.summary->sentAt + hours(24)), asked);
  const bool between = dateHolds(key.relation, floor<days>(*subject.summary->sentAt), asked);
  return earliest == latest && latest == between ? verdict(latest) : Verdict::unknown;
}

/// Makes the question of each kind of key.
struct Compiler {
  const SelectedMailbox& mailbox;

  Question of(const imap::SearchKey& key) const { return std::visit(*this, key.test); }

  std::vector<Question> of(const std::vector<imap::SearchKey>& keys) const {
    std::vector<Question> questions;
    questions.reserve(keys.size());
    for (const auto& key : keys) questions.push_back(of(key));
    return questions;
  }

  Question operator()(const All&) const {
    return [](const Subject&) { return Verdict::yes; };
  }

  Question operator()(const FlagIs& key) const {
    const store::Flag flag{key.flag};
    return
        [flag, set = key.set](const Subject& subject) { return verdict(subject.state->allFlags().has(flag) == set); };
  }

  Question operator()(const KeywordIs& key) const {
    const store::Flags flags = toStore({.system = 0, .keywords = {key.keyword}}, mailbox.keywords());
    return [flags, set = key.set](const Subject& subject) {
      const bool has = (subject.state->flags & flags.bits) != 0 || (subject.state->keywords & flags.keywords) != 0;
      return verdict(has == set);
    };
  }

  Question operator()(const RecentIs& key) const {
    return [set = key.set](const Subject& subject) { return verdict(subject.recent == set); };
  }

  Question operator()(const HeaderContains& key) const {
    return [field = key.field, needle = caseFold(message::repairUtf8(key.text))](const Subject& subject) {
      if (subject.header.empty()) return Verdict::unknown;
      const auto fields = message::Header(subject.header).findAll(field);
      return verdict(std::any_of(fields.begin(), fields.end(), [&](const message::Field& found) {
        return occursIn(needle, caseFold(message::decodeEncodedWords(message::unfold(found.value))));
      }));
    };
  }

  Question operator()(const BodyContains& key) const {
    return [needle = caseFold(message::repairUtf8(key.text))](const Subject& subject) {
      return subject.whole.empty() ? Verdict::unknown : verdict(occursIn(needle, subject.text->body()));
    };
  }

  Question operator()(const TextContains& key) const {
    return [needle = caseFold(message::repairUtf8(key.text))](const Subject& subject) {
      if (!subject.header.empty() && occursIn(needle, subject.text->header())) return Verdict::yes;
      return subject.whole.empty() ? Verdict::unknown : verdict(occursIn(needle, subject.text->body()));
    };
  }

  Question operator()(const DateIs& key) const {
    const std::chrono::sys_days asked{key.date};
    if (key.of == DateIs::Of::sent)
      return [key, asked](const Subject& subject) { return sentVerdict(key, asked, subject); };
    return [key, asked](const Subject& subject) {
      if (!subject.summary) return Verdict::unknown;
      return verdict(
          dateHolds(key.relation, std::chrono::floor<std::chrono::days>(subject.summary->internalDate), asked));
    };
  }

  Question operator()(const SizeIs& key) const {
    return [key](const Subject& subject) {
      if (!subject.summary) return Verdict::unknown;
      return verdict(key.relation == SizeIs::Relation::larger ? subject.summary->size > key.octets
                                                              : subject.summary->size < key.octets);
    };
  }

  Question operator()(const SequenceIn& key) const {
    return [ranges = imap::resolve(key.set, mailbox.count())](const Subject& subject) {
      return verdict(imap::contains(ranges, subject.position + 1));
    };
  }

  Question operator()(const UidIn& key) const {
    const auto& messages = mailbox.view()->messages;
    const auto largest = messages.empty() ? 0 : static_cast<std::uint32_t>(messages.back().uid);
    return [ranges = imap::resolve(key.set, largest)](const Subject& subject) {
      return verdict(imap::contains(ranges, static_cast<std::uint32_t>(subject.state->uid)));
    };
  }

  Question operator()(const Not& key) const {
    return [inner = of(key.key.front())](const Subject& subject) {
      const Verdict answer = inner(subject);
      return answer == Verdict::unknown ? answer : verdict(answer == Verdict::no);
    };
  }

  Question operator()(const Or& key) const {
    return [questions = of(key.keys)](const Subject& subject) {
      Verdict answer = Verdict::no;
      for (const auto& question : questions) {
        const Verdict one = question(subject);
        if (one == Verdict::yes) return one;
        if (one == Verdict::unknown) answer = one;
      }
      return answer;
    };
  }

  Question operator()(const And& key) const {
    return [questions = of(key.keys)](const Subject& subject) {
      Verdict answer = Verdict::yes;
      for (const auto& question : questions) {
        const Verdict one = question(subject);
        if (one == Verdict::no) return one;
        if (one == Verdict::unknown) answer = one;
      }
      return answer;
    };
  }
};

/// Whether a key, or one inside of it, is about the body.
struct BodySeeker {
  bool any(const std::vector<imap::SearchKey>& keys) const {
    return std::any_of(keys.begin(), keys.end(), [this](const auto& key) { return std::visit(*this, key.test); });
  }
  bool operator()(const BodyContains&) const { return true; }
  bool operator()(const TextContains&) const { return true; }
  bool operator()(const Not& key) const { return any(key.key); }
  bool operator()(const Or& key) const { return any(key.keys); }
  bool operator()(const And& key) const { return any(key.keys); }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }
};

}  // namespace

Question questionOf(const imap::search::And& keys, const SelectedMailbox& mailbox) {
  return Compiler{mailbox}(keys);
}

bool asksForBody(const imap::search::And& keys) {
  return BodySeeker{}(keys);
}

}  // namespace posthouse::imapd
