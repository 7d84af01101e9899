// FETCH responses, RFC 3501 §7.4.2.
#include "fetch_response.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "flag_list.h"
#include "imap/date.h"
#include "message/bodystructure.h"
#include "sections.h"

namespace posthouse::imapd {
namespace {

/// Larger messages are not held whole for BODY[] and its partials.
constexpr std::uint64_t kHeldWhole = BunchReader::kSmall;
constexpr std::size_t kPiece = std::size_t{64} * 1024;

template <class Item>
bool has(const std::vector<imap::FetchItem>& items) {
  return std::any_of(items.begin(), items.end(), [](const auto& item) { return std::holds_alternative<Item>(item); });
}

}  // namespace

FetchPlan::FetchPlan(std::vector<imap::FetchItem> items, bool byUid) : items_(std::move(items)) {
  if (byUid && !has<imap::fetch::Uid>(items_)) items_.insert(items_.begin(), imap::fetch::Uid{});
  hasFlags_ = has<imap::fetch::Flags>(items_);
  for (const auto& item : items_) {
    if (!std::holds_alternative<imap::fetch::Flags>(item) && !std::holds_alternative<imap::fetch::Uid>(item))
      needsSummary_ = true;
    const auto* body = std::get_if<imap::fetch::Body>(&item);
    if (!body) continue;
    if (!body->peek) setsSeen_ = true;
    const Reach reach = reachOf(body->section);
    needsHeader_ |= reach == Reach::header;
    needsStretch_ |= reach == Reach::stretch;
    needsTree_ |= reach == Reach::tree;
  }
}

std::optional<Extent> FetchPlan::extent(const store::Summary& summary) const {
  if ((needsTree_ || needsStretch_) && summary.size <= kHeldWhole) return Extent::whole;
  if (needsHeader_) return Extent::header;
  return std::nullopt;
}

bool FetchPlan::needsStructure(const store::Summary& summary) const {
  return needsTree_ && summary.size > kHeldWhole;
}

Task<bool> FetchResponse::write(std::span<const Position> positions, const store::UidSet& nowSeen) {
  std::vector<Wanted> wanted;  // whose octets are held
  std::vector<store::Summary> found;
  if (plan_.needsSummary()) {
    store::UidSet uids;
    for (const Position position : positions) uids.add(selected_.message(position).uid);
    found = co_await summaries(services_.reading, account_, selected_.id(), uids);
  }
  for (const auto& summary : found) {
    if (const auto extent = plan_.extent(summary)) wanted.push_back({&summary, *extent});
  }
  BunchReader reader(services_.reading, account_, selected_.id(), std::move(wanted));
  bool anyGone = false;
  auto summary = found.begin();
  for (const Position position : positions) {
    const store::Uid uid = selected_.message(position).uid;
    Subject subject{.position = position};
    if (plan_.needsSummary()) {
      while (summary != found.end() && summary->uid < uid) ++summary;
      if (summary == found.end() || summary->uid != uid) {
        anyGone = true;
        continue;
      }
      subject.summary = &*summary;
      if (plan_.extent(*summary)) {
        subject.octets = co_await reader.next();
        if (!subject.octets) {
          anyGone = true;
          continue;
        }
      }
      if (plan_.needsStructure(*summary) && !co_await learnStructure(*summary)) {
        anyGone = true;
        continue;
      }
    }
    co_await writeMessage(subject, plan_.hasFlags() || nowSeen.contains(uid));
  }
  co_return anyGone;
}

/// False if the message is gone. Its octets are let go before anything is sent: however slowly the client reads, they
/// are not in memory meanwhile.
Task<bool> FetchResponse::learnStructure(const store::Summary& summary) {
  if (known_.tree && known_.uid == summary.uid) co_return true;
  known_ = {};
  const auto memory = co_await services_.readingMemory.take(kTimesRead * summary.size, services_.lastCall);
  const auto octets = co_await readRange(services_.reading, account_, selected_.id(), summary.uid, 0, summary.size);
  if (!octets) co_return false;
  known_ = {summary.uid, message::parseMime(*octets)};
  co_return true;
}

Task<> FetchResponse::writeMessage(Subject& subject, bool tellFlags) {
  open_.heed();
  stream_.write(fmt::format("* {} FETCH (", subject.position + 1));
  bool first = true;
  const auto separate = [&] {
    if (!first) stream_.write(" ");
    first = false;
  };
  if (tellFlags) {
    const auto& state = selected_.message(subject.position);
    std::string flags = "FLAGS ";
    appendFlags(flags, selected_.keywords(), state.allFlags(), selected_.isRecent(state.uid));
    separate();
    stream_.write(flags);
  }
  for (const auto& item : plan_.items()) {
    if (std::holds_alternative<imap::fetch::Flags>(item)) continue;
    separate();
    if (const auto* body = std::get_if<imap::fetch::Body>(&item)) {
      co_await writeBody(subject, *body);
    } else {
      stream_.write(plainItem(subject, item));
    }
  }
  stream_.write(")\r\n");
  co_await breathe();
}

/// All but FLAGS and bodies.
std::string FetchResponse::plainItem(const Subject& subject, const imap::FetchItem& item) const {
  return std::visit(
      [&](const auto& typed) -> std::string {
        using Item = std::decay_t<decltype(typed)>;
        if constexpr (std::is_same_v<Item, imap::fetch::Uid>) {
          return fmt::format("UID {}", static_cast<std::uint32_t>(selected_.message(subject.position).uid));
        } else if constexpr (std::is_same_v<Item, imap::fetch::Envelope>) {
          return "ENVELOPE " + subject.summary->envelope;
        } else if constexpr (std::is_same_v<Item, imap::fetch::InternalDate>) {
          return "INTERNALDATE " +
                 imap::toDateTime(std::chrono::floor<std::chrono::seconds>(subject.summary->internalDate));
        } else if constexpr (std::is_same_v<Item, imap::fetch::Size>) {
          return fmt::format("RFC822.SIZE {}", subject.summary->size);
        } else if constexpr (std::is_same_v<Item, imap::fetch::BodyStructure>) {
          if (typed.extensible) return "BODYSTRUCTURE " + subject.summary->bodyStructure;
          return "BODY " + message::bodyOf(subject.summary->bodyStructure);
        } else {
          return {};
        }
      },
      item);
}

Task<> FetchResponse::writeBody(Subject& subject, const imap::fetch::Body& body) {
  const Reach reach = reachOf(body.section);
  stream_.write(body.label);
  stream_.write(" ");
  if (reach == Reach::stretch) {
    const auto [offset, count] = stretchOf(body.section, body.partial, *subject.summary);
    if (!subject.octets || subject.octets->size() < offset + count)
      co_return co_await stream(subject.summary->uid, offset, count);
    co_return writeOctets(std::string_view(*subject.octets).substr(offset, count));
  }
  if (reach == Reach::tree && plan_.needsStructure(*subject.summary))
    co_return co_await writePart(*subject.summary, body);
  std::string_view octets = *subject.octets;
  if (reach == Reach::tree) {
    if (!subject.tree) subject.tree = message::parseMime(octets);
    const auto range = partRange(body.section, *subject.tree);
    if (!range) co_return stream_.write("NIL");
    octets = range->of(octets);
  } else {
    octets = octets.substr(0, headerOctets(*subject.summary));
  }
  if (isOfHeader(body.section)) {
    writeOctets(cut(headerOf(body.section, octets), body.partial));
  } else {
    writeOctets(cut(octets, body.partial));
  }
  co_await breathe();
}

/// Of a large message, whose structure is known.
Task<> FetchResponse::writePart(const store::Summary& summary, const imap::fetch::Body& body) {
  const auto range = partRange(body.section, *known_.tree);
  if (!range) co_return stream_.write("NIL");
  if (!isOfFields(body.section)) {
    const auto [offset, count] = cut(Stretch{range->offset, range->size}, body.partial);
    co_return co_await stream(summary.uid, offset, count);
  }
  // No header is longer that came by APPEND; that of a part may be as long as a message, and is then looked at no
  // further.
  const std::uint64_t length = std::min<std::uint64_t>(range->size, services_.config.maxHeaderSize);
  std::string header;
  while (header.size() < length)
    header += co_await piece(summary.uid, range->offset + header.size(), length - header.size());
  writeOctets(cut(headerOf(body.section, header), body.partial));
  co_await breathe();
}

void FetchResponse::writeOctets(std::string_view octets) {
  services_.metrics.fetchOctets.Increment(static_cast<double>(octets.size()));
  stream_.write(fmt::format("{{{}}}\r\n", octets.size()));
  stream_.write(octets);
}

/// A literal that is read and sent piece by piece. Once it has been announced there is no way back but to hang up.
Task<> FetchResponse::stream(store::Uid uid, std::uint64_t offset, std::uint64_t count) {
  services_.metrics.fetchOctets.Increment(static_cast<double>(count));
  stream_.write(fmt::format("{{{}}}\r\n", count));
  while (count > 0) {
    const std::string octets = co_await piece(uid, offset, std::min(count, kHeldWhole));
    offset += octets.size();
    count -= std::min<std::uint64_t>(count, octets.size());
    stream_.write(octets);
    co_await flushLiteral();
  }
}

/// Whoever does not read on, or may not, is left without a BYE: he would take it for octets of the message.
Task<> FetchResponse::flushLiteral() {
  try {
    open_.heed();
    co_await stream_.flush(transfer());
  } catch (const net::Interrupted&) {
    throw net::ConnectionLost("the client did not read a message to its end");
  }
}

/// What fails here must not become a reply: the client would take it for octets of the message.
Task<std::string> FetchResponse::piece(store::Uid uid, std::uint64_t offset, std::uint64_t length) {
  std::string failure = "it was expunged";
  try {
    auto octets = co_await readRange(services_.reading, account_, selected_.id(), uid, offset, length);
    if (octets && !octets->empty()) co_return *std::move(octets);
  } catch (const std::exception& error) {
    failure = error.what();
  }
  services_.log.warn("imap.fetch.broken", "A message could not be read to its end while it was sent",
                     {{"error", failure}});
  throw net::ConnectionLost("a message broke off while it was sent");
}

Task<> FetchResponse::breathe() {
  if (stream_.unflushed() >= kPiece) co_await stream_.flush(transfer());
}

net::Patience FetchResponse::transfer() {
  return {services_.config.transferTimeout, services_.lastCall, &open_.wakeup()};
}

}  // namespace posthouse::imapd
