#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/task.h"

namespace posthouse::directory {

struct Account {
  std::int64_t id = 0;
  std::string address;  // the canonical one
  bool operator==(const Account&) const = default;
};

/// What stands behind an address.
struct Resolution {
  enum class Result {
    found,
    noSuchAddress,  // a domain of ours, but nobody by this name
    notLocal,       // not a domain of ours
    loop,           // aliases that lead to each other
  };
  Result result = Result::notLocal;
  std::vector<Account> accounts{};               // each once
  std::vector<std::string> remoteAddresses{};    // members of an alias outside of our domains
  bool membersOnly = false;                      // a group takes mail from nobody but
  std::vector<std::int64_t> permittedSenders{};  // these accounts
  bool operator==(const Resolution&) const = default;
};

/// The directory cannot be asked now. A server answers 451, never 550.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Directory {
 public:
  virtual ~Directory() = default;
  /// `address` as in a forward-path, without angle brackets. Throws Unavailable.
  virtual Task<Resolution> resolve(std::string address) = 0;

  /// Whether the account may send from `address`, as in a reverse-path. Throws Unavailable.
  virtual Task<bool> maySendAs(std::int64_t account, std::string address) = 0;

  /// What was said of the address has turned out to be old: an account is gone. The next resolve asks anew.
  virtual void forget(const std::string& /*address*/) {}
};

}  // namespace posthouse::directory
