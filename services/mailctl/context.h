#pragma once
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "command_line.h"
#include "config/configuration.h"
#include "exit_code.h"
#include "output.h"

namespace posthouse::mailctl {

/// The programs of the suite that may be installed, in the order in which a message meets them.
inline constexpr std::string_view kPrograms[] = {"smtpd",  "filterd", "accountd", "lmtp-delivery",
                                                 "relayd", "imapd",   "pop3d"};

/// What a verb works with: the configuration, the output, and ways to the programs.
class Context {
 public:
  explicit Context(const Invocation& invocation);

  const Output& output() const noexcept { return output_; }
  const std::string& configurationFile() const noexcept { return configurationFile_; }
  /// --set, for programs that are asked to check the same configuration.
  const config::Configuration::Overrides& overrides() const noexcept { return overrides_; }

  /// Read when first asked for. Throws Failure if it cannot be read.
  config::Configuration& configuration();
  /// A text of the configuration; empty if it is not set.
  std::string setting(std::string_view section, std::string_view key);
  /// A program is part of this installation if the configuration has a section for it.
  bool isConfigured(std::string_view program);
  /// Those that are part of this installation.
  std::vector<std::string> programs();

  /// Where PostgreSQL is administered: [database] admin_url, or else url.
  std::string databaseUrl();

  /// Whose rights the caller wants to be held to; empty: nobody's.
  const std::string& actor() const noexcept { return actor_; }

  /// To the gRPC address of a program's section. Throws Failure if there is none.
  std::shared_ptr<grpc::Channel> channel(std::string_view program);

 private:
  Output output_;
  std::string configurationFile_;
  std::string actor_;
  config::Configuration::Overrides overrides_;
  std::optional<config::Configuration> configuration_;
};

/// Throws the Failure that the status is: a refusal by its kind, or a program that does not answer.
void require(const grpc::Status& status, std::string_view program);

/// A blocking call: `call(context)` returns its status, which is required to be OK.
template <class Call>
void callNow(std::string_view program, std::chrono::milliseconds deadline, Call call) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  require(call(&context), program);
}

}  // namespace posthouse::mailctl
