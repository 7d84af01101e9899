// Whatever a client sends, each line is answered in the form that RFC 1939 and 2449 have, and nothing goes that was not
// marked and quitted over.
#include <catch2/catch.hpp>
#include <random>

#include "octet_play.h"
#include "support/series.h"

using namespace posthouse;
using namespace posthouse::pop3d;

namespace {

constexpr std::size_t kWhole = 1 << 20;  // octets: more than any session here

/// Changes sessions, the same ones in every run.
class Mutator {
 public:
  std::string next() {
    std::string session = any(kValidSessions);
    for (auto times = below(6); times > 0; --times) session = changed(std::move(session));
    return session;
  }

 private:
  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }
  template <class Value>
  const Value& any(const std::vector<Value>& values) {
    return values[below(values.size())];
  }

  std::string changed(std::string session) {
    static const std::vector<std::string> kInjected = {std::string(1, '\0'),
                                                       "\r",
                                                       "\n",
                                                       "\r\n",
                                                       "\n.\n",
                                                       "\xff",
                                                       "\xc3\xa9",
                                                       " ",
                                                       "\t",
                                                       ".",
                                                       "*",
                                                       "=",
                                                       "0",
                                                       "-1",
                                                       "4294967295",
                                                       "4294967297",
                                                       "99999999999999999999",
                                                       "\r\nQUIT\r\n",
                                                       "\r\nRSET\r\n",
                                                       "AUTH PLAIN\r\n",
                                                       "\x7f",
                                                       std::string(255, 'x'),
                                                       std::string(1100, ' '),
                                                       std::string(13'000, 'A'),
                                                       std::string(70'000, 'x') + "\r\n"};
    if (session.empty()) return session;
    const std::size_t at = below(session.size());
    switch (below(9)) {
      case 0:
        return session.substr(0, at);
      case 1:
        session[at] = static_cast<char>(session[at] ^ (1 << below(8)));
        return session;
      case 2:
      case 3:
        return session.insert(at, any(kInjected));
      case 4:
        return session.erase(at, 1 + below(3));
      case 5:
        return withLines(session, [this](std::vector<std::string>& lines) {
          lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(below(lines.size())));
        });
      case 6:
        return withLines(session, [this](std::vector<std::string>& lines) { lines.push_back(any(lines)); });
      case 7:
        return withLines(session, [this](std::vector<std::string>& lines) {
          std::swap(lines[below(lines.size())], lines[below(lines.size())]);
        });
      default:
        return session.substr(0, at) + any(kValidSessions).substr(below(40));
    }
  }

  template <class Change>
  static std::string withLines(const std::string& session, Change change) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < session.size();) {
      const std::size_t end = session.find('\n', begin);
      lines.push_back(session.substr(begin, end == session.npos ? end : end + 1 - begin));
      begin += lines.back().size();
    }
    change(lines);
    std::string joined;
    for (const std::string& line : lines) joined += line;
    return joined;
  }

  std::mt19937_64 random_{1939};
};

}  // namespace

SCENARIO("valid sessions do not depend on how they are cut", "[pop3d]") {
  OctetPlay play;
  for (const std::string& session : kValidSessions) {
    const std::string said = play.play(session, kWhole);
    CHECK((play.stage().store.size() < 6) == session.ends_with("QUIT\r\n"));
    for (std::size_t segment = 1; segment <= session.size(); ++segment) {
      CHECK(play.objection(session, segment) == "");
      if (play.play(session, segment) != said) FAIL_CHECK("in segments of " << segment << ": " << session);
    }
  }
}

SCENARIO("a session cut at any octet deletes nothing, unless QUIT was whole", "[pop3d]") {
  OctetPlay play;
  for (const std::string& session : kValidSessions) {
    for (std::size_t size = 0; size < session.size(); ++size) {
      CHECK(play.objection(session.substr(0, size), kWhole) == "");
      CHECK(play.stage().store.size() == 6);
    }
  }
}

SCENARIO("thousands of mutated sessions are answered line by line, and delete what was asked at most", "[pop3d]") {
  OctetPlay play;
  Mutator mutator;
  std::size_t quits = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string session = mutator.next();
    const std::string wrong = play.objection(session, kWhole);
    if (!wrong.empty()) FAIL_CHECK(i << ": " << wrong);
    if (play.stage().store.size() < 6) ++quits;
    if (i % 10 == 0 && play.play(session, 1) != play.play(session, kWhole)) FAIL_CHECK("octet by octet: " << session);
  }
  CHECK(quits > 2000);  // most mutations must not break everything, or they would test little
  CHECK(test::valueOf(play.stage().registry, "posthouse_pop3_sessions_total{end=\"failed\"}") == 0);
}
