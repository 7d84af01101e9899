// SEARCH, RFC 3501 §6.4.4.
#include <algorithm>
#include <chrono>
#include <optional>
#include <span>

#include "message_octets.h"
#include "search_question.h"
#include "session.h"

namespace posthouse::imapd {
namespace {

constexpr std::size_t kBatch = 500;
// What a message takes in memory while it is searched, in times of its octets: beside them there is their text in
// Unicode, in UTF-16 to be folded, and folded.
constexpr std::uint64_t kTimesSearched = 8;
constexpr std::size_t kTurn = 20'000;  // messages judged by their flags before others have a turn

/// Asks the messages, with as little knowledge of each as will do: its flags, its summary, its octets.
class Searcher {
 public:
  using Position = SelectedMailbox::Position;

  Searcher(Services& services, const login::OpenSession& open, store::AccountId account,
           const SelectedMailbox& selected, const imap::search::And& keys)
      : services_(services),
        open_(open),
        account_(account),
        selected_(selected),
        question_(questionOf(keys, selected)),
        extent_(asksForBody(keys) ? Extent::whole : Extent::header) {}

  Task<std::vector<Position>> matches() {
    std::vector<Position> undecided;
    for (Position position = 0; position < selected_.count(); ++position) {
      if (position % kTurn == kTurn - 1) co_await services_.loop.yield();
      open_.heed();
      judge(subject(position), undecided);
    }
    for (std::size_t begin = 0; begin < undecided.size(); begin += kBatch) {
      const std::size_t end = std::min(begin + kBatch, undecided.size());
      co_await judgeBatch(std::span(undecided).subspan(begin, end - begin));
    }
    std::sort(matches_.begin(), matches_.end());
    co_return matches_;
  }

 private:
  Subject subject(Position position) const {
    const auto& state = selected_.message(position);
    return {.position = position, .state = &state, .recent = selected_.isRecent(state.uid)};
  }

  void judge(const Subject& subject, std::vector<Position>& undecided) {
    const Verdict verdict = question_(subject);
    if (verdict == Verdict::yes) matches_.push_back(subject.position);
    if (verdict == Verdict::unknown) undecided.push_back(subject.position);
  }

  Task<> judgeBatch(std::span<const Position> positions) {
    const auto found = co_await summaries(services_.reading, account_, selected_.id(), selected_.uids(positions));
    std::vector<Wanted> wanted;
    std::vector<Position> undecided;
    auto summary = found.begin();
    for (const Position position : positions) {
      Subject asked = subject(position);
      while (summary != found.end() && summary->uid < asked.state->uid) ++summary;
      if (summary == found.end()) break;
      if (summary->uid != asked.state->uid) continue;  // expunged by another
      asked.summary = &*summary;
      const std::size_t before = undecided.size();
      judge(asked, undecided);
      if (undecided.size() > before) wanted.push_back({&*summary, extent_});
    }
    BunchReader reader(services_.reading, account_, selected_.id(), wanted);
    std::optional<ReadingMemory::Hold> memory;
    for (std::size_t i = 0; i < undecided.size(); ++i) {
      if (const std::uint64_t octets = reader.toRead(); octets > 0) {
        memory.reset();
        memory.emplace(co_await services_.readingMemory.take(kTimesSearched * octets, services_.lastCall));
      }
      const auto octets = co_await reader.next();
      if (octets) judgeOctets(undecided[i], *wanted[i].summary, *octets);
      co_await services_.loop.yield();
      open_.heed();
    }
  }

  void judgeOctets(Position position, const store::Summary& summary, std::string_view octets) {
    Subject asked = subject(position);
    asked.summary = &summary;
    asked.header = octets.substr(0, headerOctets(summary));
    if (extent_ == Extent::whole) asked.whole = octets;
    SearchText text(asked.header, asked.whole);
    asked.text = &text;
    if (question_(asked) == Verdict::yes) matches_.push_back(position);
  }

  Services& services_;
  const login::OpenSession& open_;
  store::AccountId account_;
  const SelectedMailbox& selected_;
  Question question_;
  Extent extent_;
  std::vector<Position> matches_;
};

}  // namespace

Task<imap::Reply> Session::on(const imap::Search& search) {
  if (search.charset != "US-ASCII" && search.charset != "UTF-8") {
    co_return Reply::no("BADCHARSET (US-ASCII UTF-8)", "Unknown charset");
  }
  Searcher searcher(services_, *open_, identity_->account, *selected_, search.keys);
  const auto began = std::chrono::steady_clock::now();
  const auto matches = co_await searcher.matches();
  services_.metrics.searchSeconds.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  std::string line = "* SEARCH";
  for (const Position position : matches) {
    const auto number = search.byUid ? static_cast<std::uint32_t>(selected_->message(position).uid) : position + 1;
    line += ' ';
    line += std::to_string(number);
  }
  stream_.write(line + "\r\n");
  co_return Reply::ok("SEARCH completed");
}

}  // namespace posthouse::imapd
