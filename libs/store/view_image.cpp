#include "store/view_image.h"

#include <bit>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "store/compression.h"

namespace posthouse::store {
namespace {

// The form: this octet, then in zstd the header and the columns, each number as the difference to the one above it.
constexpr char kVersion = 1;
static_assert(std::endian::native == std::endian::little);

struct Head {
  std::uint64_t messages;
  std::int64_t highestModSeq;
  std::uint64_t uidNext;
};
constexpr std::size_t kOctetsEach = 4 + 4 + 8 + 8;

/// Numbers in the order of writing.
class Writer {
 public:
  explicit Writer(std::size_t octets) { octets_.reserve(octets); }
  template <class T>
  void add(const T& value) {
    octets_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  const std::string& octets() const noexcept { return octets_; }

 private:
  std::string octets_;
};

class Reader {
 public:
  explicit Reader(std::string_view octets) : octets_(octets) {}
  template <class T>
  T next() {
    T value;
    std::memcpy(&value, octets_.data(), sizeof value);
    octets_.remove_prefix(sizeof value);
    return value;
  }

 private:
  std::string_view octets_;
};

/// Adds up, and takes apart, a column.
template <class T>
class Column {
 public:
  T difference(T value) noexcept { return value - std::exchange(last_, value); }
  T sum(T difference) noexcept { return last_ += difference; }

 private:
  T last_ = 0;
};

}  // namespace

std::string toImage(const MailboxView& view) {
  const auto& messages = view.messages;
  Writer out(sizeof(Head) + messages.size() * kOctetsEach);
  out.add(Head{.messages = messages.size(),
               .highestModSeq = static_cast<std::int64_t>(view.highestModSeq),
               .uidNext = static_cast<std::uint64_t>(view.uidNext)});
  Column<std::uint32_t> uids;
  Column<std::uint32_t> flags;
  Column<std::uint64_t> modSeqs;
  Column<std::uint64_t> keywords;
  for (const auto& message : messages) out.add(uids.difference(static_cast<std::uint32_t>(message.uid)));
  for (const auto& message : messages) out.add(flags.difference(message.flags));
  for (const auto& message : messages) out.add(modSeqs.difference(static_cast<std::uint64_t>(message.modSeq)));
  for (const auto& message : messages) out.add(keywords.difference(message.keywords));

  return kVersion + compress(out.octets());
}

std::optional<MailboxView> fromImage(std::string_view image) try {
  if (!image.starts_with(kVersion)) return std::nullopt;
  image.remove_prefix(1);
  const std::optional<std::size_t> size = sizeBefore(image);
  if (!size || *size < sizeof(Head)) return std::nullopt;
  std::string octets(*size, '\0');
  decompress(image, octets.data(), octets.size());

  Reader in(octets);
  const auto head = in.next<Head>();
  if (*size != sizeof(Head) + head.messages * kOctetsEach) return std::nullopt;
  MailboxView view{.highestModSeq = ModSeq{head.highestModSeq},
                   .uidNext = static_cast<Uid>(head.uidNext),
                   .messages = std::vector<MessageState>(head.messages)};
  Column<std::uint32_t> uids;
  Column<std::uint32_t> flags;
  Column<std::uint64_t> modSeqs;
  Column<std::uint64_t> keywords;
  for (auto& message : view.messages) message.uid = Uid{uids.sum(in.next<std::uint32_t>())};
  for (auto& message : view.messages) message.flags = flags.sum(in.next<std::uint32_t>());
  for (auto& message : view.messages) message.modSeq = static_cast<ModSeq>(modSeqs.sum(in.next<std::uint64_t>()));
  for (auto& message : view.messages) message.keywords = keywords.sum(in.next<std::uint64_t>());
  return view;
} catch (const Damaged&) {
  return std::nullopt;
}

MailboxView withChanges(const MailboxView& base, const Changes& changes) {
  MailboxView next{.highestModSeq = changes.highestModSeq, .uidNext = changes.uidNext, .messages = {}};
  next.messages.reserve(base.messages.size() + changes.changed.size());
  auto changed = changes.changed.begin();
  for (const auto& message : base.messages) {
    for (; changed != changes.changed.end() && changed->uid < message.uid; ++changed) next.messages.push_back(*changed);
    if (changed != changes.changed.end() && changed->uid == message.uid) {
      next.messages.push_back(*changed++);
    } else if (!changes.vanished.contains(message.uid)) {
      next.messages.push_back(message);
    }
  }
  next.messages.insert(next.messages.end(), changed, changes.changed.end());
  return next;
}

}  // namespace posthouse::store
