#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace posthouse::bench {

/// The command line is wrong, or the server does not do what it should: what() goes to the user, and the run has
/// failed.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// `--key value` pairs after the verb. Each is asked for with the value that it has if it is not given.
class Arguments {
 public:
  /// Throws Failure.
  explicit Arguments(const std::vector<std::string>& words);

  std::string text(const std::string& key, const std::string& otherwise);
  std::string text(const std::string& key);  // must be given
  std::size_t number(const std::string& key, std::size_t otherwise);
  std::size_t positive(const std::string& key, std::size_t otherwise);
  std::vector<std::string> all(const std::string& key);

  /// Throws Failure for what nobody asked for.
  void rejectUnread() const;

 private:
  std::multimap<std::string, std::string> given_;
  std::set<std::string> read_;
};

}  // namespace posthouse::bench
