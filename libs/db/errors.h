#pragma once
#include <stdexcept>

namespace posthouse::db {

/// The database cannot be asked now: no connection within the patience of the pool, lost before the commit (and lost
/// again when repeated), no answer in time, or the pool is closing. Nothing was stored, unless a repeat is harmless. An
/// SMTP server answers 451, IMAP says NO [UNAVAILABLE].
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The connection was lost, or the server fell silent, while the transaction committed: its effects may be stored or
/// not, or be stored later.
class CommitUnknown : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A lock was not granted within lock_timeout, or a turn within patience: somebody else works on the same account.
/// Nothing was stored; try again later.
class Busy : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace posthouse::db
