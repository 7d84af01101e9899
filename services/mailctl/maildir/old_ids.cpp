#include "maildir/old_ids.h"

#include <fmt/format.h>

#include <system_error>

#include "base/cursor.h"
#include "exit_code.h"

namespace posthouse::mailctl::maildir {
namespace {

namespace fs = std::filesystem;

template <class List>
std::optional<List> read(const fs::path& file, const Owner& owner, const OldIds::Complain& complain) {
  try {
    const std::optional<std::string> text = owner.read(file);
    if (!text) return std::nullopt;
    List list = List::parse(*text);
    for (const BrokenLine& line : list.broken) complain(file, line.number, line.objection);
    return list;
  } catch (const SyntaxError& broken) {
    throw Failure(ExitCode::failed,
                  fmt::format("{}:1: {}. POP3 clients would fetch all of its messages again: repair it, or move it "
                              "away if they may",
                              file.string(), broken.what()));
  } catch (const Failure& failure) {
    throw Failure(failure.code, fmt::format("{}: {}", file.string(), failure.what()));
  } catch (const std::system_error& error) {
    throw Failure(ExitCode::failed, fmt::format("{}: {}", file.string(), error.code().message()));
  }
}

}  // namespace

OldIds::OldIds(const Places& places, const Owner& owner, const UidlFormat& format, const Complain& complain)
    : format_(format) {
  const fs::path courier = places.courier / "courierpop3dsizelist";
  dovecot_ = read<DovecotUidList>(places.dovecot / "dovecot-uidlist", owner, complain);
  if (!dovecot_) courier_ = read<CourierSizeList>(courier, owner, complain);
  std::error_code error;
  hasBoth_ = dovecot_ && fs::exists(fs::symlink_status(courier, error));
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
  if (entry.isFileName) return Found{entry.uid, key, true};
  if (!entry.uniqueId.empty()) return Found{entry.uid, entry.uniqueId, true};
  const std::string_view guid = entry.guid.empty() ? base : std::string_view(entry.guid);
  return Found{entry.uid, format_.apply({dovecot_->uidValidity, entry.uid, base, guid}), false};
}

}  // namespace posthouse::mailctl::maildir
