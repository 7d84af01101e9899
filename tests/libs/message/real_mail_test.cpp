// The messages of Debian's libpython3.11-testsuite, where it is installed.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "message/bodystructure.h"
#include "message/summary.h"
#include "support/imap_syntax.h"
#include "support/part_tree.h"

using namespace posthouse::message;

namespace {

/// The message put together again from the leaves and what stands between them.
std::string reassembled(std::string_view message, const Part& part) {
  std::string text(part.header.of(message));
  std::size_t at = part.body.offset;
  for (const Part& inner : part.parts) {
    text += message.substr(at, inner.header.offset - at);
    text += reassembled(message, inner);
    at = inner.body.end();
  }
  return text += message.substr(at, part.body.end() - at);
}

std::string withCrlf(std::string_view text) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) lines += '\r';
    lines += text[i];
  }
  return lines;
}

std::size_t leaves(const Part& part) {
  if (part.parts.empty()) return 1;
  std::size_t count = 0;
  for (const Part& inner : part.parts) count += leaves(inner);
  return count;
}

}  // namespace

TEST_CASE("real messages are put together again octet for octet", "[message]") {
  const std::filesystem::path folder = "/usr/lib/python3.11/test/test_email/data";
  if (!std::filesystem::exists(folder)) return;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().filename().string().starts_with("msg_")) continue;
    CAPTURE(entry.path().filename().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string octets((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    for (const std::string& message : {octets, withCrlf(octets)}) {
      const Part root = parseMime(message);
      CHECK(posthouse::test::isSound(root));
      CHECK(reassembled(message, root) == message);
      const Summary summary = summarize(message, root);
      CHECK(posthouse::test::isImapList(summary.envelope));
      CHECK(posthouse::test::isImapList(summary.bodyStructure));
      CHECK(posthouse::test::isImapList(bodyOf(summary.bodyStructure)));
    }
    CHECK(leaves(parseMime(octets)) == leaves(parseMime(withCrlf(octets))));
  }
}
