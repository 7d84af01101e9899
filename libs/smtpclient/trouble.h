#pragma once
#include <exception>
#include <stdexcept>

#include "smtp/reply.h"
#include "smtpclient/outcome.h"

namespace posthouse::smtpclient {

/// The peer said something that is no SMTP.
class NotSmtp : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The peer said 421: it goes away (RFC 5321 §3.8).
class GoingAway : public std::runtime_error {
 public:
  explicit GoingAway(smtp::Reply reply) : std::runtime_error(reply.text()), reply(std::move(reply)) {}
  const smtp::Reply reply;
};

/// What a failure of the conversation means for the mail: not now. Exceptions that are not about the conversation are
/// thrown again.
Outcome outcomeOf(std::exception_ptr failure, Phase phase);

}  // namespace posthouse::smtpclient
