#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ldap/settings.h"
#include "ldap/socket.h"

namespace posthouse::accountd::ldap {

/// The server did not do what was asked. what() is for the log.
class Failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// And it cannot be asked on this connection any more: it was not reached, has gone, or did not answer in time.
class Lost : public Failed {
 public:
  using Failed::Failed;
};

struct Entry {
  std::string name;                                          // its distinguished name
  std::map<std::string, std::vector<std::string>> values{};  // by attribute, in lower case

  /// Of one attribute, in any case; none if the entry has none.
  const std::vector<std::string>& operator[](std::string_view attribute) const;
};

struct Search {
  std::string base;
  Scope scope = Scope::subtree;
  std::string filter;
  std::vector<std::string> attributes;
  int most = 0;              // entries; beyond, the rest is left out
  bool mayBeAbsent = false;  // the base: then there are no entries
};

/// A connection to one LDAP server, by libldap. Blocks its thread, never beyond a deadline; only DNS takes as long as
/// resolv.conf lets it. Follows no referrals.
class Connection {
 public:
  /// Connects, with TLS unless the settings do without, and checks the server's certificate. Throws Failed.
  Connection(const Settings& settings, const std::string& url, Deadline deadline);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() = default;

  /// Whether this is the entry's password; afterwards the connection is the entry's, or nobody's. False, too, for an
  /// entry that may not bind now. Throws Failed. Neither may be empty (RFC 4513 §5.1.2).
  bool bind(const std::string& name, const std::string& password, Deadline deadline);

  /// Throws Failed, also if the base is not there: nothing follows from that about anybody. `wasCut`: whether there are
  /// more entries.
  std::vector<Entry> search(const Search& search, Deadline deadline, bool* wasCut = nullptr);

  const std::string& url() const noexcept { return url_; }

 private:
  // Of libldap's types, whose names are anybody's.
  struct Close {
    void operator()(void* handle) const noexcept;
  };
  struct FreeMessage {
    void operator()(void* message) const noexcept;
  };
  using Message = std::unique_ptr<void, FreeMessage>;

  void configure(const Settings& settings, Deadline deadline);
  void askForTls(Deadline deadline);
  void beginTls(Deadline deadline);
  Message answer(int id, Deadline deadline, std::string_view what);
  Entry read(void* entry) const;
  [[noreturn]] void fail(int code, std::string_view what, const std::string& said = {}) const;
  std::string reason(int code, const std::string& said) const;

  std::string url_;
  std::unique_ptr<void, Close> handle_;
};

}  // namespace posthouse::accountd::ldap
