#include "engine.h"

#include <catch2/catch.hpp>

#include "fakes.h"
#include "message/transfer_encoding.h"
#include "net/loop.h"

using namespace posthouse;
using namespace posthouse::filterd;
using namespace std::chrono_literals;

namespace {

const std::string kHeader = "From: eve@x.example\r\nTo: alice@example.org\r\nSubject: hello\r\n";

std::string attached(std::string_view type, std::string_view encoding, std::string_view body) {
  return kHeader +
         "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\r\nSee the file.\r\n" +
         "--b\r\nContent-Type: " + std::string(type) + "\r\nContent-Transfer-Encoding: " + std::string(encoding) +
         "\r\n\r\n" + std::string(body) + "\r\n--b--\r\n";
}

std::string utf16(std::string_view ascii) {
  std::string text;
  for (const char c : ascii) text += {'\0', c};
  return text;
}

struct Judge {
  net::Loop loop;
  prometheus::Registry registry;
  Metrics metrics{registry};
  Policy policy{.spamScore = 5, .rejectScore = 15, .deferWithoutScanner = true, .hostname = "mx.example.org"};
  FakeScanner scanner;
  bool withScanner = false;

  Verdict operator()(std::string_view message) {
    Engine engine(policy, withScanner ? &scanner : nullptr, metrics);
    return loop.runUntilDone(engine.judge(message, 1s));
  }
};

std::string fieldsOf(const Verdict& verdict) {
  std::string text;
  for (const HeaderField& field : verdict.headerFields) text += field.name + ": " + field.value + "\n";
  return text;
}

}  // namespace

TEST_CASE("an ordinary message is accepted and marked as such", "[filterd]") {
  Judge judge;
  const Verdict verdict = judge(kHeader + "\r\nHow are you?\r\n");
  CHECK(verdict.decision == Verdict::Decision::accept);
  CHECK(fieldsOf(verdict) ==
        "X-Spam-Flag: NO\n"
        "X-Spam-Score: 0.0\n"
        "X-Spam-Status: No, score=0.0 required=5.0 tests=none\n");
  CHECK(verdict.symbols.empty());
}

TEST_CASE("test patterns are found wherever a reader or a scanner would find them", "[filterd]") {
  const std::string base64Eicar = message::encodeBase64Lines(kEicarFile);
  const std::string quotedGtube = "Dear friend,=\r\n " + kGtubeText.substr(0, 30) + "=\r\n" + kGtubeText.substr(30);
  const auto [message, symbol, reply] = GENERATE_COPY(table<std::string, std::string, std::string>({
      {kHeader + "\r\n" + kGtubeText + "\r\n", "GTUBE", "Refused as spam (score 1000.0 of 15.0)"},
      {"Subject: " + kGtubeText + "\r\n\r\nhello\r\n", "GTUBE", "Refused as spam (score 1000.0 of 15.0)"},
      {kHeader + "Content-Transfer-Encoding: base64\r\n\r\n" + message::encodeBase64Lines("Buy!\r\n" + kGtubeText),
       "GTUBE", "Refused as spam (score 1000.0 of 15.0)"},
      {kHeader + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quotedGtube, "GTUBE",
       "Refused as spam (score 1000.0 of 15.0)"},
      {attached("text/html", "quoted-printable", quotedGtube), "GTUBE", "Refused as spam (score 1000.0 of 15.0)"},
      {attached("text/plain; charset=\"UTF-16BE\"", "base64", message::encodeBase64Lines(utf16(kGtubeText))), "GTUBE",
       "Refused as spam (score 1000.0 of 15.0)"},
      {kHeader + "\r\n" + kEicarFile, "EICAR", "Refused: this message holds a virus (EICAR)"},
      {attached("application/octet-stream; name=\"eicar.com\"", "base64", base64Eicar), "EICAR",
       "Refused: this message holds a virus (EICAR)"},
      {attached("application/octet-stream", "quoted-printable", message::encodeQuotedPrintable(kEicarFile)), "EICAR",
       "Refused: this message holds a virus (EICAR)"},
      {attached("message/rfc822", "7bit", attached("application/x-msdownload", "base64", base64Eicar)), "EICAR",
       "Refused: this message holds a virus (EICAR)"},
  }));
  CAPTURE(message);
  Judge judge;
  const Verdict verdict = judge(message);
  CHECK(verdict.decision == Verdict::Decision::reject);
  CHECK(verdict.enhancedStatus == "5.7.1");
  CHECK(verdict.reply == reply);
  CHECK(verdict.symbols == std::vector<std::string>{symbol});
  CHECK(verdict.headerFields.empty());
}

TEST_CASE("what only resembles a test pattern passes", "[filterd]") {
  const std::string message = GENERATE(kHeader + "\r\n" + kGtubeText.substr(0, 67) + "\r\n", kHeader + "\r\nEICAR\r\n",
                                       std::string(), std::string("\0\r\n\0", 4), kHeader);
  Judge judge;
  CHECK(judge(message).decision == Verdict::Decision::accept);
}

TEST_CASE("a virus is the reason even where the message is spam too", "[filterd]") {
  Judge judge;
  const Verdict verdict = judge(kHeader + "\r\n" + kGtubeText + "\r\n" + kEicarFile + "\r\n");
  CHECK(verdict.isVirus);
  CHECK(verdict.symbols == std::vector<std::string>{"EICAR", "GTUBE"});
}

TEST_CASE("below the score of refusal spam is delivered with a mark", "[filterd]") {
  Judge judge;
  judge.policy.rejectScore = 2000;
  const Verdict verdict = judge(kHeader + "\r\n" + kGtubeText + "\r\n");
  CHECK(verdict.decision == Verdict::Decision::accept);
  CHECK(verdict.isSpam);
  CHECK(fieldsOf(verdict) ==
        "X-Spam-Flag: YES\n"
        "X-Spam-Score: 1000.0\n"
        "X-Spam-Status: Yes, score=1000.0 required=5.0 tests=GTUBE\n");
}

TEST_CASE("what the scanner says decides", "[filterd]") {
  Judge judge;
  judge.withScanner = true;
  const std::string message = kHeader + "\r\nhello\r\n";
  SECTION("clean") {
    const Verdict verdict = judge(message);
    CHECK(verdict.decision == Verdict::Decision::accept);
    CHECK(fieldsOf(verdict).ends_with("X-Virus-Scanned: ClamAV by Posthouse at mx.example.org\n"));
  }
  SECTION("infected") {
    judge.scanner.result.virus = "Win.Worm.Example-1";
    const Verdict verdict = judge(message);
    CHECK(verdict.decision == Verdict::Decision::reject);
    CHECK(verdict.reply == "Refused: this message holds a virus (Win.Worm.Example-1)");
    CHECK(verdict.headerFields.empty());
  }
  SECTION("only a part of it was looked at") {
    judge.scanner.result.complete = false;
    const Verdict verdict = judge(message);
    CHECK(verdict.decision == Verdict::Decision::accept);
    CHECK(verdict.symbols == std::vector<std::string>{"CLAMAV_PARTIAL"});
    CHECK_FALSE(fieldsOf(verdict).contains("X-Virus-Scanned"));
  }
  SECTION("it is away, and mail waits for it") {
    judge.scanner.away = true;
    const Verdict verdict = judge(message);
    CHECK(verdict.decision == Verdict::Decision::defer);
    CHECK(verdict.enhancedStatus == "4.3.0");
    CHECK(verdict.scannerFailure == "no such socket");
    CHECK(judge.metrics.failOpen.Value() == 0);
  }
  SECTION("it is away, and mail does not wait") {
    judge.scanner.away = true;
    judge.policy.deferWithoutScanner = false;
    const Verdict verdict = judge(message);
    CHECK(verdict.decision == Verdict::Decision::accept);
    CHECK(verdict.symbols == std::vector<std::string>{"CLAMAV_AWAY"});
    CHECK_FALSE(fieldsOf(verdict).contains("X-Virus-Scanned"));
    CHECK(judge.metrics.failOpen.Value() == 1);
  }
  SECTION("what is refused already is not scanned") {
    CHECK(judge(kHeader + "\r\n" + kGtubeText + "\r\n").decision == Verdict::Decision::reject);
    CHECK(judge.scanner.asked == 0);
  }
}
