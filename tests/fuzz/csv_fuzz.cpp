// Promise: no octets crash, and nothing but Failure is thrown, also if they are read as users; what was read, written
// with every field in quotes, reads the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "csv.h"
#include "exit_code.h"
#include "user_file.h"

using namespace posthouse::mailctl;

namespace {

std::string written(const std::vector<CsvRecord>& records) {
  std::string text;
  for (const CsvRecord& record : records) {
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      text += i == 0 ? "\"" : ",\"";
      for (const char c : record.fields[i]) text.append(c == '"' ? 2 : 1, c);
      text += '"';
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto records = parseCsv(text);
    const auto again = parseCsv(written(records));
    if (again.size() != records.size()) std::abort();
    for (std::size_t i = 0; i < records.size(); ++i)
      if (again[i].fields != records[i].fields) std::abort();
    for (const auto& user : readUsers(text, "users.csv"))
      if (user.row() < 1) std::abort();
  } catch (const Failure&) {
  }
  return 0;
}
