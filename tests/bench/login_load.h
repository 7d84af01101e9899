#pragma once
#include <cstddef>
#include <string>

#include "arguments.h"
#include "conversation.h"
#include "mail_source.h"

namespace posthouse::bench {

/// Who logs in where, and how often: what benchmarks of logins are told.
struct LoginLoad {
  explicit LoginLoad(Arguments& arguments)
      : server(arguments),
        pattern(arguments.text("address", "bench%@mail.test")),
        password(arguments.text("password", "correct horse")),
        mailboxes(arguments.positive("mailboxes", 200)),
        sessions(arguments.positive("sessions", 10)),
        count(arguments.positive("count", 1000)) {}

  /// The users take turns.
  std::string nextUser() { return numbered(pattern, taken++ % mailboxes + 1); }
  bool isDone() const { return taken >= count; }

  Server server;
  std::string pattern;
  std::string password;
  std::size_t mailboxes;
  std::size_t sessions;
  std::size_t count;
  std::size_t taken = 0;
};

}  // namespace posthouse::bench
