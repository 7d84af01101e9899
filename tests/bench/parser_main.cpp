#include <time.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "arguments.h"
#include "mail_source.h"
#include "message/mime.h"
#include "message/summary.h"
#include "message/transfer_encoding.h"
#include "report.h"
#include "smtp/data_decoder.h"
#include "smtp/data_encoder.h"

namespace {

using namespace posthouse;
using namespace posthouse::bench;

constexpr auto kUsage =
    R"(posthouse-parser [--size 4096] [--octets 200000000]: reads one mail of `size` octets again and again, until `octets` are
read, and prints how many MB each step takes in a second of processor time as one line of JSON.

  data     the octets after DATA made the message, read in pieces of 64 KiB
  mime     the message's tree
  summary  the tree, and all that is kept beside a message at delivery
  decoded  the tree, and all parts with their transfer encoding undone
)";

/// A mail, and what a client sends of it after DATA.
struct Mail {
  explicit Mail(std::size_t size) : content(MailSource(size, 1).mail(1, "bench1@mail.test")) {
    smtp::DataEncoder encoder;
    encoder.encode(content, wire);
    encoder.finish(wire);
    if (received() != content) throw Failure("the message is not what was sent");
  }

  /// As a session reads it: in pieces, and without knowing how long it is.
  std::string received() const {
    constexpr std::size_t kPiece = 64 * 1024;
    smtp::DataDecoder decoder;
    std::string octets;
    for (std::string_view rest = wire; !decoder.atEnd();) {
      rest.remove_prefix(decoder.decode(rest.substr(0, kPiece), octets));
    }
    return octets;
  }

  std::string content;
  std::string wire;
};

std::size_t data(const Mail& mail) {
  return mail.received().size();
}

std::size_t leaves(const message::Part& part) {
  std::size_t count = part.parts.empty() ? 1 : 0;
  for (const message::Part& child : part.parts) count += leaves(child);
  return count;
}

std::size_t mime(const Mail& mail) {
  return leaves(message::parseMime(mail.content));
}

std::size_t summary(const Mail& mail) {
  return message::summarize(mail.content).bodyStructure.size();
}

std::size_t decodedOctets(std::string_view content, const message::Part& part) {
  if (part.parts.empty()) return message::decodedBody(content, part).size();
  std::size_t octets = 0;
  for (const message::Part& child : part.parts) octets += decodedOctets(content, child);
  return octets;
}

std::size_t decoded(const Mail& mail) {
  return decodedOctets(mail.content, message::parseMime(mail.content));
}

struct Step {
  const char* name;
  std::size_t (*once)(const Mail&);  // something that cannot be known without the work
};
constexpr Step kSteps[] = {{"data", data}, {"mime", mime}, {"summary", summary}, {"decoded", decoded}};

/// What others do on this machine meanwhile does not count.
double processorSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double megabytesPerSecond(const Step& step, const Mail& mail, std::size_t octets) {
  const std::size_t expected = step.once(mail);  // memory and caches as later
  const std::size_t times = octets / mail.content.size() + 1;
  const double start = processorSeconds();
  for (std::size_t i = 0; i < times; ++i) {
    if (step.once(mail) != expected || expected == 0) throw Failure(std::string(step.name) + " is not always the same");
  }
  return static_cast<double>(times) * static_cast<double>(mail.content.size()) / 1e6 / (processorSeconds() - start);
}

int run(Arguments arguments) {
  const Mail mail(arguments.positive("size", 4096));
  const std::size_t octets = arguments.positive("octets", 200'000'000);
  arguments.rejectUnread();
  Report report;
  report.add("octets", mail.content.size());
  for (const Step& step : kSteps) report.add(step.name, megabytesPerSecond(step, mail, octets));
  std::fputs(report.line().c_str(), stdout);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count > 1 && std::string(words[1]) == "--help") {
    std::fputs(kUsage, stdout);
    return 0;
  }
  try {
    return run(Arguments({words + 1, words + count}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "posthouse-parser: %s\n", error.what());
    return 1;
  }
}
