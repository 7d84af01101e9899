#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "account_admin.h"
#include "csv.h"
#include "sizes.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

std::string readAll(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) throw Failure(ExitCode::failed, fmt::format("cannot read {}", file));
  }
  std::istream& in = file == "-" ? std::cin : opened;
  return {std::istreambuf_iterator<char>(in), {}};
}

/// address,password[,quota]; a first line that says just that is a heading.
std::vector<admin::AddUserRequest> readUsers(const std::string& file) {
  std::vector<admin::AddUserRequest> users;
  for (const CsvRecord& record : parseCsv(readAll(file))) {
    if (users.empty() && record.fields.front() == "address") continue;
    if (record.fields.size() < 2 || record.fields.size() > 3)
      throw Failure(ExitCode::failed,
                    fmt::format("{}:{}: expected address,password[,quota]; nothing was imported", file, record.line));
    admin::AddUserRequest& user = users.emplace_back();
    user.set_row(record.line);
    user.set_address(record.fields[0]);
    user.set_password(record.fields[1]);
    if (record.fields.size() == 3 && !record.fields[2].empty()) user.set_quota_bytes(parseQuota(record.fields[2]));
  }
  return users;
}

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

ExitCode import(Context& context, const Arguments& arguments) {
  const std::string& file = arguments.positional[0];
  const std::vector<admin::AddUserRequest> users = readUsers(file);
  const auto stub = accountAdmin(context);
  grpc::ClientContext callContext;
  const auto stream = stub->ImportUsers(&callContext);
  // Beside the reading: accountd answers while it takes, and stops taking while nobody reads.
  std::jthread writer([&] {
    for (const admin::AddUserRequest& user : users)
      if (!stream->Write(user)) return;
    stream->WritesDone();
  });

  Tally tally;
  nlohmann::json refused = nlohmann::json::array();
  for (admin::ImportUsersResponse response; stream->Read(&response);) {
    if (response.error().empty()) {
      ++tally.added;
      continue;
    }
    ++(response.already_exists() ? tally.existed : tally.failed);
    refused.push_back({{"line", response.row()},
                       {"address", response.address()},
                       {"error", response.error()},
                       {"exists", response.already_exists()}});
    if (!context.output().isJson()) std::cerr << fmt::format("{}:{}: {}\n", file, response.row(), response.error());
  }
  writer.join();
  require(stream->Finish(), "accountd");
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
           "Add many users at the speed of the password hash",
           "FILE has a line for each: address,password[,quota], in quotes where they hold commas (RFC 4180); \"-\" is "
           "standard input.\n"
           "A line that cannot be added is named and stops no other; status 5 says that some were added and some not.",
           import}};
}

}  // namespace posthouse::mailctl
