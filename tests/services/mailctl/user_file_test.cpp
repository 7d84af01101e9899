#include "user_file.h"

#include <catch2/catch.hpp>

#include "exit_code.h"

using namespace posthouse::mailctl;

namespace {

/// Each user as "line address password hash quota".
std::vector<std::string> told(std::string_view csv) {
  std::vector<std::string> users;
  for (const auto& user : readUsers(csv, "users.csv"))
    users.push_back(std::to_string(user.row()) + " " + user.address() + " " + user.password() + " " +
                    user.password_hash() + " " + std::to_string(user.quota_bytes()));
  return users;
}

}  // namespace

TEST_CASE("a file of users has three columns, or those that its first line names", "[mailctl]") {
  const auto [csv, users] = GENERATE(table<std::string, std::vector<std::string>>({
      {"", {}},
      {"a@x,secret\nb@x,\"se,cret\",1KiB\r\n", {"1 a@x secret  0", "2 b@x se,cret  1024"}},
      {"address,password,quota\na@x,secret,\n", {"2 a@x secret  0"}},
      {"Address,PASSWORD\na@x,secret\n", {"2 a@x secret  0"}},
      {"\xEF\xBB\xBF"
       "address,password\na@x,secret\n",
       {"2 a@x secret  0"}},
      {"quota,password_hash,address\n1KiB,{SSHA}x,a@x\n\nunlimited,$6$y,b@x\n",
       {"2 a@x  {SSHA}x 1024", "4 b@x  $6$y 0"}},
      {"address,password,password_hash\na@x,secret,\nb@x,,$6$y\nc@x,secret\n",
       {"2 a@x secret  0", "3 b@x  $6$y 0", "4 c@x secret  0"}},
      {"a@x,address\n", {"1 a@x address  0"}},  // a poor password, and no heading
      {"a@x,{SSHA}x\n", {"1 a@x {SSHA}x  0"}},  // a password: no heading says that it is a hash
  }));
  CAPTURE(csv);
  CHECK(told(csv) == users);
}

TEST_CASE("a file of users that is not like that is refused with the line, and nothing of it is imported",
          "[mailctl]") {
  const auto [csv, what] = GENERATE(table<std::string, std::string>({
      {"a@x,secret\nb@x\n", "users.csv:2: expected 2 to 3 fields, found 1"},
      {"a@x,secret,1KiB,more\n", "users.csv:1: expected 2 to 3 fields, found 4"},
      {"address,password\na@x,secret,1KiB\n", "users.csv:2: expected 2 to 2 fields, found 3"},
      {"address,pasword\na@x,secret\n", "users.csv:1: there is no column \"pasword\""},
      {"address,quota\na@x,1KiB\n", "users.csv:1: there is neither a column password nor password_hash"},
      {"address,password,Password\n", "users.csv:1: two columns \"Password\""},
      {"gr\xfcn@x,secret\n", "users.csv:1: the address is not UTF-8"},
      {"a@x,secret,much\n", "users.csv:1: \"much\" is not a size"},
  }));
  CAPTURE(csv);
  try {
    readUsers(csv, "users.csv");
    FAIL("it was read");
  } catch (const Failure& failure) {
    CHECK_THAT(failure.what(), Catch::Contains(what) && Catch::Contains("nothing was imported"));
    CHECK(failure.code == ExitCode::failed);
  }
}
