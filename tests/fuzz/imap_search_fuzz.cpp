// SEARCH keys: within their bounds; printed, they read as keys that print the same.
#include "imap/search.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>

#include "imap/response.h"

using namespace posthouse;
using namespace posthouse::imap;
using namespace posthouse::imap::search;

namespace {

struct Printer {
  int depth = 0;

  std::string all(const std::vector<SearchKey>& keys) {
    std::string text;
    for (const SearchKey& key : keys) text += (text.empty() ? "" : " ") + std::visit(*this, key.test);
    return text;
  }
  std::string string(const std::string& text) {
    std::string out;
    appendString(out, text);
    return out;
  }
  std::string date(const std::chrono::year_month_day& day) {
    constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return fmt::format("{}-{}-{:04}", unsigned(day.day()), kMonths[unsigned(day.month()) - 1], int(day.year()));
  }

  std::string operator()(const All&) { return "ALL"; }
  std::string operator()(const FlagIs& key) {
    return std::string(key.set ? "" : "UN") + std::string(name(key.flag).substr(1));
  }
  std::string operator()(const KeywordIs& key) { return (key.set ? "KEYWORD " : "UNKEYWORD ") + key.keyword; }
  std::string operator()(const RecentIs& key) { return key.set ? "RECENT" : "OLD"; }
  std::string operator()(const HeaderContains& key) { return "HEADER " + string(key.field) + " " + string(key.text); }
  std::string operator()(const BodyContains& key) { return "BODY " + string(key.text); }
  std::string operator()(const TextContains& key) { return "TEXT " + string(key.text); }
  std::string operator()(const DateIs& key) {
    constexpr const char* kRelations[] = {"BEFORE ", "ON ", "SINCE "};
    return std::string(key.of == DateIs::Of::sent ? "SENT" : "") + kRelations[static_cast<int>(key.relation)] +
           date(key.date);
  }
  std::string operator()(const SizeIs& key) {
    return (key.relation == SizeIs::Relation::larger ? "LARGER " : "SMALLER ") + std::to_string(key.octets);
  }
  std::string operator()(const SequenceIn& key) { return toString(key.set); }
  std::string operator()(const UidIn& key) { return "UID " + toString(key.set); }
  std::string operator()(const Not& key) { return "NOT " + all(key.key); }
  std::string operator()(const Or& key) { return "OR " + all(key.keys); }
  std::string operator()(const And& key) { return "(" + all(key.keys) + ")"; }
};

std::optional<std::string> printed(std::string_view text) try {
  Cursor in(text);
  const And keys = searchKeys(in);
  if (!in.atEnd()) return std::nullopt;
  return Printer().all(keys.keys);
} catch (const SyntaxError&) {
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto once = printed({reinterpret_cast<const char*>(data), size});
  if (!once) return 0;
  // NEW becomes two keys in parentheses: then there may be too many, or too deep.
  if (const auto again = printed(*once); again && again != once) std::abort();
  return 0;
}
