#pragma once
#include <cstddef>
#include <string>
#include <unordered_map>

#include "daemon/client_policy.h"

namespace posthouse::daemon {

/// How many clients a program has, and who is one too many. Counted in each process by itself.
class Admission {
 public:
  /// `descriptors`: how many clients the process has descriptors for, beside what it needs itself.
  explicit Admission(const ClientPolicy& policy, std::size_t descriptors)
      : policy_(policy), descriptors_(descriptors) {}

  enum class Verdict {
    admitted,
    limit,        // the listener has as many clients as it may have
    address,      // the client's address, or its IPv6 network of 64 bits, has
    descriptors,  // the process has no descriptors left for clients
  };

  /// A client, counted while this lives.
  class Place {
   public:
    /// `ofListener`: the listener's count.
    Place(Admission& admission, std::size_t& ofListener);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

    /// Before anything is known of it.
    Verdict hasDescriptor() const;
    /// When its address is known.
    Verdict judge(const net::Address& client);

   private:
    Admission& admission_;
    std::size_t& ofListener_;
    bool isLimited_ = false;
    std::string address_;
  };

  std::size_t clients() const noexcept { return clients_; }
  /// Whether the next one would get no descriptor.
  bool isFull() const noexcept { return clients_ >= descriptors_; }

  /// The most clients that a process with so many descriptors can have.
  static std::size_t clientsFor(std::size_t descriptors);

 private:
  const ClientPolicy& policy_;
  std::size_t descriptors_;
  std::size_t clients_ = 0;
  std::unordered_map<std::string, std::size_t> byAddress_;
};

}  // namespace posthouse::daemon
