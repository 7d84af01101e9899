#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "filter.h"
#include "local_delivery.h"
#include "queue.h"
#include "retry_keys.h"

namespace posthouse::smtpd {

/// A filter that says what the test tells it to.
class FakeFilter final : public Filter {
 public:
  Verdict verdict{
      .kind = Verdict::Kind::accept, .status = {}, .text = {}, .headerFields = {}, .removeHeaderFields = {}};
  std::vector<std::string> checked;
  std::function<void()> meanwhile;  // what happens while it checks

  Task<Verdict> check(const Client&, const Transaction&, std::string_view content) override {
    checked.emplace_back(content);
    if (meanwhile) meanwhile();
    co_return verdict;
  }
};

/// Mailboxes that take everything, except for addresses with a reply of their own.
class FakeDelivery final : public LocalDelivery {
 public:
  struct Delivered {
    std::string address;
    std::string originalRecipient;
    std::string retryKey;
    std::string message;
  };
  std::map<std::string, std::string> replies;  // "452 4.2.2 Full", by address
  std::vector<Delivered> delivered;

  Task<std::vector<smtp::Reply>> deliver(const Transaction&, const std::vector<Destination>& destinations,
                                         const Letter& letter) override {
    std::vector<smtp::Reply> answers;
    for (const Destination& destination : destinations) {
      const auto other = replies.find(destination.address);
      const std::string text = other == replies.end() ? "250 2.0.0 OK" : other->second;
      answers.emplace_back(std::stoi(text.substr(0, 3)), text.substr(4));
      if (!answers.back().isPositive()) continue;
      delivered.push_back({destination.address, destination.originalRecipient, destination.retryKey,
                           letter.header + std::string(letter.body)});
    }
    co_return answers;
  }
};

class FakeQueue final : public Queue {
 public:
  bool away = false;
  std::vector<std::string> queued;  // "address < original recipient"
  std::vector<bool> tellSender;     // of the same
  std::string message;

  Task<bool> enqueue(const Transaction&, const std::vector<Destination>& destinations, const Letter& letter) override {
    if (away) co_return false;
    for (const Destination& destination : destinations) {
      queued.push_back(destination.address + " < " + destination.originalRecipient);
      tellSender.push_back(destination.tellSender);
    }
    message = letter.header + std::string(letter.body);
    co_return true;
  }
};

class FakeRetryKeyStore final : public RetryKeyStore {
 public:
  std::size_t forgotten = 0;
  int failures = 0;                    // so many calls fail first
  std::set<store::AccountId> removed;  // accounts without keys

  Task<std::optional<std::vector<RetryKey>>> forget(const std::vector<RetryKey>& keys) override {
    if (failures > 0) {
      --failures;
      co_return std::nullopt;
    }
    std::vector<RetryKey> missing;
    for (const RetryKey& key : keys) {
      if (removed.contains(key.account)) missing.push_back(key);
    }
    forgotten += keys.size() - missing.size();
    co_return missing;
  }
};

}  // namespace posthouse::smtpd
