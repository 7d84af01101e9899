#include "maildir/report.h"

#include <fmt/format.h>

#include <cstdio>

#include "maildir/printable.h"

namespace posthouse::mailctl::maildir {

void Report::imported(bool hasOldId) {
  const std::scoped_lock lock(mutex_);
  ++imported_;
  if (hasOldId) ++withOldId_;
  advance();
}

void Report::present() {
  const std::scoped_lock lock(mutex_);
  ++present_;
  advance();
}

void Report::vanished() {
  const std::scoped_lock lock(mutex_);
  ++vanished_;
  advance();
}

void Report::overQuota() {
  const std::scoped_lock lock(mutex_);
  ++overQuota_;
  advance();
}

void Report::refused(const std::string& where, const std::string& what) {
  error(where, what);
  const std::scoped_lock lock(mutex_);
  ++refused_;
  advance();
}

void Report::say(Remarks& remarks, const char* kind, const std::string& file, const std::string& objection) {
  const std::string where = printable(file);
  const std::string what = printable(objection);
  const std::scoped_lock lock(mutex_);
  ++remarks.count;
  if (remarks.some.size() < kMostRemarks) remarks.some.push_back({{"where", where}, {"what", what}});
  if (isQuiet_) return;
  progress_.clear();
  std::fputs(fmt::format("{}: {}: {}\n", kind, where, what).c_str(), stderr);
}

void Report::advance() {
  progress_.at({imported_ + present_ + vanished_ + refused_ + overQuota_, total_, refused_ + overQuota_});
}

bool Report::isFull() const {
  const std::scoped_lock lock(mutex_);
  return overQuota_ > 0;
}

std::int64_t Report::done() const {
  const std::scoped_lock lock(mutex_);
  return imported_ + present_;
}

nlohmann::json Report::json() const {
  const std::scoped_lock lock(mutex_);
  return {{"messages", total_},
          {"imported", imported_},
          {"with_old_unique_id", withOldId_},
          {"present", present_},
          {"vanished", vanished_},
          {"refused", refused_},
          {"over_quota", overQuota_},
          {"error_count", errors_.count},
          {"errors", errors_.some},
          {"warning_count", warnings_.count},
          {"warnings", warnings_.some}};
}

std::string Report::sentence() const {
  const std::scoped_lock lock(mutex_);
  std::string text = fmt::format(
      "{} of {} messages imported, {} of them with the unique id that POP3 clients know; {} "
      "were there already.",
      imported_, total_, withOldId_, present_);
  if (vanished_ > 0) text += fmt::format(" {} vanished meanwhile.", vanished_);
  if (refused_ > 0) text += fmt::format(" {} were refused.", refused_);
  if (overQuota_ > 0) text += " The mailbox is full: the rest was left.";
  if (errors_.count + warnings_.count > 0)
    text += fmt::format(" {} errors and {} warnings.", errors_.count, warnings_.count);
  return text;
}

ExitCode Report::code() const {
  const std::scoped_lock lock(mutex_);
  if (errors_.count == 0 && overQuota_ == 0) return ExitCode::done;
  return imported_ + present_ > 0 ? ExitCode::partlyDone : ExitCode::failed;
}

}  // namespace posthouse::mailctl::maildir
