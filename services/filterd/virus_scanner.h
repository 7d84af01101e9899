#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "async/task.h"
#include "net/patience.h"

namespace posthouse::filterd {

/// The scanner could not be asked, or gave no answer that can be understood.
class ScannerAway : public std::runtime_error {
 public:
  enum class Why {
    failed,   // nobody there, or no sense in what was said
    timeout,  // no answer in time
    caller,   // whoever asked no longer wants to know
  };
  explicit ScannerAway(const std::string& what, Why reason = Why::failed) : std::runtime_error(what), why(reason) {}
  const Why why;
};

/// A program that knows viruses. Implemented by Clamd; a fake in tests.
class VirusScanner {
 public:
  struct Result {
    std::string virus;      // its name; empty: none was found
    bool complete = false;  // all of the message was looked at
  };

  virtual ~VirusScanner() = default;

  /// Throws ScannerAway, also when the patience ends.
  virtual Task<Result> scan(std::string_view message, net::Patience patience) = 0;
  /// Returns if the scanner is there. Throws ScannerAway.
  virtual Task<> ping(net::Patience patience) = 0;
};

}  // namespace posthouse::filterd
