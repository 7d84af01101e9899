#include "user_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "csv.h"
#include "exit_code.h"
#include "sizes.h"

namespace posthouse::mailctl {
namespace {

using mail::admin::v1::AddUserRequest;

enum class Column { address, password, passwordHash, quota };
using Columns = std::vector<Column>;

constexpr std::array<std::pair<std::string_view, Column>, 4> kColumns{{{"address", Column::address},
                                                                       {"password", Column::password},
                                                                       {"password_hash", Column::passwordHash},
                                                                       {"quota", Column::quota}}};

/// Ends the reading of a file: `what` is wrong in this line.
class Wrong {
 public:
  explicit Wrong(const std::string& name) : name_(name) {}

  [[noreturn]] void operator()(const CsvRecord& record, std::string_view what) const {
    throw Failure(ExitCode::failed, fmt::format("{}:{}: {}; nothing was imported", name_, record.line, what));
  }

 private:
  const std::string& name_;
};

/// No user's line is like it: every address has an "@".
bool isHeading(const CsvRecord& record) {
  return std::ranges::any_of(record.fields,
                             [](const std::string& field) { return ascii::equalsIgnoringCase(field, "address"); }) &&
         std::ranges::none_of(record.fields, [](const std::string& field) { return field.contains('@'); });
}

Columns readHeading(const CsvRecord& record, const Wrong& wrong) {
  Columns columns;
  const auto has = [&](Column column) { return std::ranges::find(columns, column) != columns.end(); };
  for (const std::string& field : record.fields) {
    const auto column = std::ranges::find_if(
        kColumns, [&](const auto& known) { return ascii::equalsIgnoringCase(known.first, field); });
    if (column == kColumns.end())
      wrong(record, fmt::format("there is no column \"{}\", but address, password, password_hash and quota", field));
    if (has(column->second)) wrong(record, fmt::format("two columns \"{}\"", field));
    columns.push_back(column->second);
  }
  if (!has(Column::password) && !has(Column::passwordHash))
    wrong(record, "there is neither a column password nor password_hash");
  return columns;
}

void set(AddUserRequest& user, Column column, const std::string& text) {
  switch (column) {
    case Column::address:
      if (!utf8::isValid(text)) throw Failure(ExitCode::failed, "the address is not UTF-8");
      return user.set_address(text);
    case Column::password:
      return user.set_password(text);
    case Column::passwordHash:
      return user.set_password_hash(text);
    case Column::quota:
      if (!text.empty()) user.set_quota_bytes(parseQuota(text));
      return;
  }
}

AddUserRequest readUser(const CsvRecord& record, const Columns& columns, const Wrong& wrong) {
  if (record.fields.size() < 2 || record.fields.size() > columns.size())
    wrong(record, fmt::format("expected 2 to {} fields, found {}", columns.size(), record.fields.size()));
  AddUserRequest user;
  user.set_row(record.line);
  try {
    for (std::size_t i = 0; i < record.fields.size(); ++i) set(user, columns[i], record.fields[i]);
  } catch (const Failure& failure) {
    wrong(record, failure.what());
  }
  return user;
}

}  // namespace

std::vector<AddUserRequest> readUsers(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // as spreadsheets write it, U+FEFF
  const Wrong wrong(name);
  Columns columns{Column::address, Column::password, Column::quota};
  std::vector<AddUserRequest> users;
  bool first = true;
  for (const CsvRecord& record : parseCsv(text)) {
    if (std::exchange(first, false) && isHeading(record)) {
      columns = readHeading(record, wrong);
    } else {
      users.push_back(readUser(record, columns, wrong));
    }
  }
  return users;
}

}  // namespace posthouse::mailctl
