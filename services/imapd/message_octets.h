#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "db/database.h"
#include "store/message_repository.h"

namespace posthouse::imapd {

/// How much of a message is wanted in memory.
enum class Extent : std::uint8_t { header, whole };

/// What reading a message whole takes in memory, in times of its octets: they come from the database in another form.
constexpr std::uint64_t kTimesRead = 2;

/// The octets of the header section with the prefix that delivery put above it.
inline std::uint64_t headerOctets(const store::Summary& summary) {
  return summary.prefix.size() + summary.headerSize;
}

/// One message to be read.
struct Wanted {
  const store::Summary* summary;
  Extent extent;
};

/// Reads messages in bunches: small ones many in one statement, large ones alone and not beyond what is wanted of them,
/// so that neither round trips nor octets pile up.
class BunchReader {
 public:
  /// Messages up to this size are read whole whatever is wanted: the store keeps them in one piece.
  static constexpr std::uint64_t kSmall = std::uint64_t{256} * 1024;

  /// The summaries in `wanted` must outlive the reader.
  BunchReader(db::Database& database, store::AccountId account, store::MailboxId mailbox, std::vector<Wanted> wanted)
      : database_(database), account_(account), mailbox_(mailbox), wanted_(std::move(wanted)) {}

  /// At least what is wanted of the next message, nothing if it is gone.
  Task<std::optional<std::string>> next();
  /// How many octets that will read; 0 if they have been read.
  std::uint64_t toRead() const noexcept;

 private:
  static constexpr std::uint64_t kBunch = std::uint64_t{1024} * 1024;

  std::span<const Wanted> nextBunch() const noexcept;

  db::Database& database_;
  store::AccountId account_;
  store::MailboxId mailbox_;
  std::vector<Wanted> wanted_;
  std::size_t next_ = 0;                          // in wanted_
  std::deque<std::optional<std::string>> bunch_;  // what is read ahead, from there on
};

/// Octets of one message, nothing if it is gone.
Task<std::optional<std::string>> readRange(db::Database& database, store::AccountId account, store::MailboxId mailbox,
                                           store::Uid uid, std::uint64_t offset, std::uint64_t length);

/// Of the messages in `uids` that are there, ascending.
Task<std::vector<store::Summary>> summaries(db::Database& database, store::AccountId account, store::MailboxId mailbox,
                                            const store::UidSet& uids);

}  // namespace posthouse::imapd
