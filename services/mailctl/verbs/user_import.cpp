#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "account_admin.h"
#include "input_file.h"
#include "progress.h"
#include "user_file.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

struct Tally {
  std::int64_t added = 0;
  std::int64_t existed = 0;
  std::int64_t failed = 0;

  ExitCode code() const {
    if (existed == 0 && failed == 0) return ExitCode::done;
    if (added > 0) return ExitCode::partlyDone;
    return failed == 0 ? ExitCode::exists : ExitCode::failed;
  }
};

/// What was done before the stream broke is not lost, and an import may be repeated.
void requireDone(const grpc::Status& status, const Tally& tally, std::size_t users) try {
  require(status, "accountd");
} catch (const Failure& failure) {
  throw Failure(failure.code, fmt::format("{}\n{} of {} users were added before. Import the file again: those will be "
                                          "passed over.",
                                          failure.what(), tally.added, users));
}

ExitCode import(Context& context, const Arguments& arguments) {
  const std::string& file = arguments.positional[0];
  const std::vector<admin::AddUserRequest> users = readUsers(readInput(file), file);
  const auto stub = admin::AccountAdmin::NewStub(context.channel("accountd"));
  grpc::ClientContext callContext;
  introduce(context, callContext);
  const auto stream = stub->ImportUsers(&callContext);
  // Beside the reading: accountd answers while it takes, and stops taking while nobody reads.
  std::jthread writer([&] {
    for (const admin::AddUserRequest& user : users)
      if (!stream->Write(user)) return;
    stream->WritesDone();
  });

  Tally tally;
  Progress progress;
  nlohmann::json refused = nlohmann::json::array();
  for (admin::ImportUsersResponse response; stream->Read(&response);) {
    if (response.error().empty()) {
      ++tally.added;
    } else {
      ++(response.already_exists() ? tally.existed : tally.failed);
      refused.push_back({{"line", response.row()},
                         {"address", response.address()},
                         {"error", response.error()},
                         {"exists", response.already_exists()}});
      progress.clear();
      if (!context.output().isJson()) std::cerr << fmt::format("{}:{}: {}\n", file, response.row(), response.error());
    }
    progress.at({tally.added + tally.existed + tally.failed, std::ssize(users), tally.failed});
  }
  progress.clear();
  writer.join();
  requireDone(stream->Finish(), tally, users.size());
  context.output().done(
      fmt::format("{} users added, {} existed already, {} could not be added.", tally.added, tally.existed,
                  tally.failed),
      {{"added", tally.added}, {"existed", tally.existed}, {"failed", tally.failed}, {"refused", refused}});
  return tally.code();
}

}  // namespace

std::vector<Verb> importVerbs() {
  return {{"user",
           "import",
           "FILE",
           1,
           1,
           {},
           "Add many users, with passwords or with the hashes of another server",
           "FILE has a line for each: address,password[,quota], in quotes where they hold commas (RFC 4180);\n"
           "\"-\" is standard input.\n"
           "A first line may name the columns, in any order: address, password, password_hash, quota. A\n"
           "password_hash is what another server stored: bcrypt, SHA512-CRYPT, SHA256-CRYPT, MD5-CRYPT or\n"
           "yescrypt of crypt(3); argon2id or argon2i; PBKDF2 of passlib, Django or Dovecot; {SSHA}, {SHA} and\n"
           "their kin; with Dovecot's {SCHEME} before it or not. The user's first login replaces it.\n"
           "{PLAIN}secret is a password.\n"
           "A line that cannot be added is named and stops no other; status 5 says that some were added and\n"
           "some not. How far it is goes to standard error. An import that was cut off may be repeated: who\n"
           "was added exists already.",
           import}};
}

}  // namespace posthouse::mailctl
