#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "db/database.h"
#include "store/message_repository.h"

namespace posthouse::imapd {

/// How much of a message is wanted in memory.
enum class Extent : std::uint8_t { header, whole };

/// The octets of the header section with the prefix that delivery put above it.
inline std::uint64_t headerOctets(const store::Summary& summary) {
  return summary.prefix.size() + summary.headerSize;
}
inline std::uint64_t octetsOf(const store::Summary& summary, Extent extent) {
  return extent == Extent::header ? headerOctets(summary) : summary.size;
}

/// One message to be read.
struct Wanted {
  const store::Summary* summary;
  Extent extent;
};

/// Reads messages in bunches: as many in one database job as make a piece of memory, so that small messages cost no job
/// each and large ones do not pile up.
class BunchReader {
 public:
  BunchReader(db::Database& database, store::AccountId account, store::MailboxId mailbox)
      : database_(database), account_(account), mailbox_(mailbox) {}

  /// The octets of wanted[index], nothing if the message is gone. Called with ascending indices; reads ahead.
  Task<std::optional<std::string>> read(const std::vector<Wanted>& wanted, std::size_t index);

  /// Octets of one message, for those that are too large to be held whole.
  Task<std::optional<std::string>> readRange(store::Uid uid, std::uint64_t offset, std::uint64_t length);

 private:
  static constexpr std::uint64_t kBunch = 1024 * 1024;

  db::Database& database_;
  store::AccountId account_;
  store::MailboxId mailbox_;
  std::map<std::size_t, std::optional<std::string>> bunch_;
};

/// Of the messages in `uids` that are there, ascending.
Task<std::vector<store::Summary>> summaries(db::Database& database, store::AccountId account, store::MailboxId mailbox,
                                            const store::UidSet& uids);

}  // namespace posthouse::imapd
