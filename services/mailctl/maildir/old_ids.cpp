#include "maildir/old_ids.h"

#include <fmt/format.h>

#include "base/cursor.h"
#include "exit_code.h"
#include "input_file.h"

namespace posthouse::mailctl::maildir {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostOctets = 512 * 1024 * 1024;  // of a file: some million messages

template <class List>
std::optional<List> read(const fs::path& file, const OldIds::Complain& complain) {
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  if (fs::file_size(file, error) > kMostOctets || error)
    throw Failure(ExitCode::failed, fmt::format("{} cannot be read, or is too large", file.string()));
  try {
    List list = List::parse(readInput(file.string()));
    for (const BrokenLine& line : list.broken) complain(file, line.number, line.objection);
    return list;
  } catch (const SyntaxError& broken) {
    throw Failure(ExitCode::failed,
                  fmt::format("{}:1: {}. POP3 clients would fetch all of its messages again: repair it, or move it "
                              "away if they may",
                              file.string(), broken.what()));
  }
}

}  // namespace

OldIds::OldIds(const fs::path& folder, const UidlFormat& format, const Complain& complain) : format_(format) {
  const fs::path courier = folder / "courierpop3dsizelist";
  dovecot_ = read<DovecotUidList>(folder / "dovecot-uidlist", complain);
  if (!dovecot_) courier_ = read<CourierSizeList>(courier, complain);
  hasBoth_ = dovecot_ && fs::exists(courier);
}

std::optional<OldIds::Found> OldIds::find(std::string_view base) const {
  const std::string key(base);
  if (courier_) {
    const auto known = courier_->uniqueIds.find(key);
    if (known == courier_->uniqueIds.end()) return std::nullopt;
    return Found{.uniqueId = known->second, .isExplicit = true};
  }
  if (!dovecot_) return std::nullopt;
  const auto known = dovecot_->entries.find(key);
  if (known == dovecot_->entries.end()) return std::nullopt;
  const DovecotUidList::Entry& entry = known->second;
  if (!entry.uniqueId.empty()) return Found{entry.uid, entry.uniqueId, true};
  const std::string_view guid = entry.guid.empty() ? base : std::string_view(entry.guid);
  return Found{entry.uid, format_.apply({dovecot_->uidValidity, entry.uid, base, guid}), false};
}

}  // namespace posthouse::mailctl::maildir
