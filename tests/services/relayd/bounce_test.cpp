#include "bounce.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "services/relayd/workshop.h"
#include "support/child_process.h"

using namespace posthouse;
using namespace posthouse::relayd;
using namespace std::chrono_literals;

namespace {

/// What Python's email package, which nobody here wrote, makes of a report.
constexpr const char* kPython = R"py(
import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.SMTP)
print(m.get_content_type(), m.get_param('report-type'), m['to'], m['from'], sep='|')
parts = m.get_payload()
print('|'.join(p.get_content_type() for p in parts))
blocks = parts[1].get_payload()
print('|'.join(f'{k}={v}' for k, v in blocks[0].items() if k != 'Arrival-Date'))
for b in blocks[1:]:
    print('|'.join(f'{k}={v}' for k, v in b.items() if k not in ('Last-Attempt-Date', 'Will-Retry-Until')))
print(parts[2].get_payload()[0]['subject'] if parts[2].get_content_type() == 'message/rfc822' else parts[2].get_payload())
print([d for p in m.walk() for d in p.defects] + ['auto-submitted ' + str(m['auto-submitted'])])
)py";

std::string parsedByPython(const std::string& octets) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "report.py") << kPython;
  std::ofstream(folder.path() / "report.eml", std::ios::binary) << octets;
  const std::string command =
      "python3 " + (folder.path() / "report.py").string() + " " + (folder.path() / "report.eml").string() + " 2>&1";
  std::FILE* output = popen(command.c_str(), "r");
  std::string text;
  for (int c; (c = std::fgetc(output)) != EOF;) text += static_cast<char>(c);
  pclose(output);
  return text;
}

}  // namespace

TEST_CASE("a report is what RFC 3464 and Python's email package say it is", "[relayd]") {
  TestWorkshop test;
  store::Claim bob = test.claim("bob@x.example");
  bob.recipient.originalRecipient = "rfc822;robert@x.example";
  bob.message.envelopeId = "E-1";
  const std::vector<Notice> notices{
      {bob, {.reply = smtp::Reply(550, "5.1.1 Who?\nGo away"), .host = "mx.x.example"}, {Fate::Kind::bounced}},
      {test.claim("carol@x.example", 40),
       {.reply = smtp::Reply(451, "4.7.1 Greylisted"), .host = "mx.x.example"},
       {Fate::Kind::expired}},
      {test.claim("dave@nowhere.example"),
       {.reply = smtp::Reply(550, "There is no such domain")},
       {Fate::Kind::bounced}},
  };
  const NewMail mail = test.bounces.write(notices, test.queue.octets);
  CHECK(parsedByPython(mail.octets) ==
        "multipart/report|delivery-status|sender@Y.example|Mail Delivery System <MAILER-DAEMON@mx.mail.test>\n"
        "text/plain|message/delivery-status|message/rfc822\n"
        "Original-Envelope-Id=E-1|Reporting-MTA=dns;mx.mail.test\n"
        "Original-Recipient=rfc822;robert@x.example|Final-Recipient=rfc822;bob@x.example|Action=failed|Status=5.1.1|"
        "Remote-MTA=dns;mx.x.example|Diagnostic-Code=smtp; 550 5.1.1 Who? Go away\n"
        "Final-Recipient=rfc822;carol@x.example|Action=failed|Status=4.4.7|"
        "Remote-MTA=dns;mx.x.example|Diagnostic-Code=smtp; 451 4.7.1 Greylisted\n"
        "Final-Recipient=rfc822;dave@nowhere.example|Action=failed|Status=5.0.0|Diagnostic-Code=smtp; 550 There is no "
        "such domain\n"
        "hello\n"
        "['auto-submitted auto-replied']\n");
  CHECK(mail.message.sender.empty());
  CHECK(mail.message.expiresAt == test.now + 120h);
  CHECK(mail.recipients.front().notify == store::notify::kNever);
}

TEST_CASE("a report brings back as much as the sender asked for", "[relayd]") {
  TestWorkshop test;
  store::Claim claim = test.claim("bob@x.example");
  const auto report = [&](store::Ret ret, const std::string& octets) {
    claim.message.ret = ret;
    const std::vector<Notice> notices{{claim, {.reply = smtp::Reply(550, "5.1.1 Who?")}, {Fate::Kind::bounced}}};
    return test.bounces.write(notices, octets).octets;
  };
  const std::string large = "Subject: large\r\n\r\n" + std::string(100'000, 'x') + "\r\n";
  CHECK_THAT(report(store::Ret::unspecified, test.queue.octets), Catch::Contains("world"));
  CHECK_THAT(report(store::Ret::headers, test.queue.octets),
             Catch::Contains("Subject: hello") && !Catch::Contains("world"));
  CHECK(report(store::Ret::unspecified, large).size() < 10'000);
  CHECK(report(store::Ret::full, large).size() > 100'000);
}
