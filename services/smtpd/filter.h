#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "client.h"
#include "transaction.h"

namespace posthouse::smtpd {

struct HeaderField {
  std::string name;
  std::string value;  // unfolded
};

/// What the filter says of a message.
struct Verdict {
  enum class Kind { accept, reject, defer, unavailable };
  Kind kind = Kind::unavailable;
  std::string status;                     // of a refusal, as "5.7.1"; may be empty
  std::string text;                       // of a refusal, for the client's eyes
  std::vector<HeaderField> headerFields;  // to be put above the message
  std::vector<std::string>
      removeHeaderFields;  // names that only our filter may use: those that came go. Also if unavailable
};

/// Judges messages: filterd, or a test's stand-in.
class Filter {
 public:
  virtual ~Filter() = default;
  /// `content` is the message as received. Throws nothing.
  virtual Task<Verdict> check(const Client& client, const Transaction& transaction, std::string_view content) = 0;
};

}  // namespace posthouse::smtpd
