#pragma once
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "exit_code.h"
#include "progress.h"

namespace posthouse::mailctl::maildir {

/// What became of an import, said while it goes on and at its end. For more than one thread.
class Report {
 public:
  Report(std::int64_t total, bool isQuiet) : total_(total), isQuiet_(isQuiet) {}

  void imported(bool hasOldId);
  void present();
  void vanished();  // between the listing of its folder and its turn
  void overQuota();

  /// Something that was not imported, or an id that is lost: the import is not complete. `where`: a file, or a file and
  /// a line.
  void error(const std::string& where, const std::string& what) { say(errors_, "error", where, what); }
  void warn(const std::string& where, const std::string& what) { say(warnings_, "warning", where, what); }
  /// As error(), of a message.
  void refused(const std::string& where, const std::string& what);

  std::int64_t done() const;
  bool isFull() const;
  nlohmann::json json() const;
  std::string sentence() const;
  ExitCode code() const;
  void end() { progress_.clear(); }

 private:
  struct Remarks {
    std::int64_t count = 0;
    nlohmann::json some = nlohmann::json::array();  // no more than kMostRemarks
  };
  void say(Remarks& remarks, const char* kind, const std::string& file, const std::string& objection);
  void advance();

  static constexpr std::size_t kMostRemarks = 1'000;

  mutable std::mutex mutex_;
  const std::int64_t total_;
  const bool isQuiet_;
  Progress progress_;
  std::int64_t imported_ = 0;
  std::int64_t withOldId_ = 0;  // of these
  std::int64_t present_ = 0;
  std::int64_t refused_ = 0;
  std::int64_t vanished_ = 0;
  std::int64_t overQuota_ = 0;
  Remarks errors_;
  Remarks warnings_;
};

}  // namespace posthouse::mailctl::maildir
