#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "async/task.h"
#include "metrics.h"
#include "net/patience.h"
#include "verdict.h"
#include "virus_scanner.h"

namespace posthouse::filterd {

struct Policy {
  double spamScore = 5;             // from here on X-Spam-Flag is YES
  double rejectScore = 15;          // from here on the message is refused
  bool deferWithoutScanner = true;  // while the scanner is away; else accept
  std::string hostname;             // as in X-Virus-Scanned
};

/// Comes to a verdict on a message. Knows neither gRPC nor who asks.
class Engine {
 public:
  /// `scanner` may be null: nobody is asked about viruses then. What is referred to must outlive the engine.
  Engine(Policy policy, VirusScanner* scanner, Metrics& metrics)
      : policy_(std::move(policy)), scanner_(scanner), metrics_(metrics) {}

  /// `patience` bounds the scanner's time. `message` must stay until the end.
  Task<Verdict> judge(std::string_view message, net::Patience patience);

 private:
  void runRules(std::string_view message, Verdict& verdict);
  Task<> askScanner(std::string_view message, net::Patience patience, Verdict& verdict);

  Policy policy_;
  VirusScanner* scanner_;
  Metrics& metrics_;
};

}  // namespace posthouse::filterd
