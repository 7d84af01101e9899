#pragma once
#include "observe/log.h"

namespace posthouse::rpc {

/// What gRPC itself has to say (a handshake that failed, a certificate that cannot be read) as lines of the program's
/// log instead of text on standard error. One at a time in a process: gRPC has one place for it.
class CoreLog {
 public:
  explicit CoreLog(const observe::Log& log);
  ~CoreLog();
  CoreLog(const CoreLog&) = delete;
  CoreLog& operator=(const CoreLog&) = delete;
};

}  // namespace posthouse::rpc
