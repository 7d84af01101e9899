#include "store/base64_lines.h"

#include <catch2/catch.hpp>
#include <random>

#include "base/base64.h"
#include "store/blob_store.h"

using namespace posthouse;
using namespace posthouse::store;

namespace {

std::string noise(std::size_t size, unsigned seed = 1) {
  std::string octets(size, '\0');
  std::minstd_rand random(seed);
  for (char& c : octets) c = static_cast<char>(random() >> 8);
  return octets;
}

std::string lines(std::string_view octets, std::size_t line, std::string_view lineBreak = "\r\n") {
  std::string text;
  for (; !octets.empty(); octets.remove_prefix(std::min(octets.size(), line / 4 * 3)))
    text += base64::encode(octets.substr(0, line / 4 * 3)).append(lineBreak);
  return text;
}

std::string backFrom(const std::string& form, std::size_t size) {
  std::string text = "before";
  Base64Lines::text(form, size, text);
  return text.substr(6);
}

void checkSame(const std::string& piece) {
  CHECK((backFrom(Base64Lines::find(piece).form(), piece.size()) == piece));
}

}  // namespace

TEST_CASE("an attachment is stored as its octets", "[store]") {
  const std::size_t line = GENERATE(60, 64, 72, 76, 996);
  const std::string piece = "Subject: one\r\n\r\n" + lines(noise(30'001), line) + "\r\n--boundary--\r\n";
  const std::string form = Base64Lines::find(piece).form();
  CAPTURE(line);
  CHECK(form.size() < 30'001 + 1'000);
  CHECK((backFrom(form, piece.size()) == piece));
}

TEST_CASE("octets and text are compressed where that gains anything", "[store]") {
  const std::string piece = std::string(5'000, 'x') + "\r\n" + lines(std::string(30'000, 'a'), 76);
  const std::string form = Base64Lines::find(piece).form();
  CHECK(form.size() < 300);
  CHECK((backFrom(form, piece.size()) == piece));
}

TEST_CASE("several attachments, text between them, and the middle of one come back", "[store]") {
  const std::string one = lines(noise(5'000), 76), other = lines(noise(4'000, 2), 64);
  checkSame("a\r\n" + one + "\r\n--b\r\nContent-Type: image/png\r\n\r\n" + other + "\r\n--b--\r\n");
  checkSame(one + other);
  checkSame(one.substr(33, 4'000));
  checkSame(one.substr(0, 76 * 40));
  checkSame(other.substr(0, other.size() - 1));
}

TEST_CASE("lines of one length follow lines of another", "[store]") {
  const std::string one = lines(noise(57 * 80), 76);
  for (int number = 1; number < 120; ++number) checkSame(one + lines(noise(48u * number), 64) + one);
}

TEST_CASE("what only resembles lines of base64 stays text", "[store]") {
  std::string spoiled = lines(noise(60'000), 76);
  for (std::size_t at = 300; at < spoiled.size(); at += 600) spoiled[at] = '-';
  const std::string piece = GENERATE_COPY(std::string(), std::string("abc"), lines(noise(60'000), 76, "\n"), spoiled,
                                          lines(noise(300), 76), std::string(10'000, 'A'), std::string(100, '\n'),
                                          lines(noise(6'000), 56), lines(noise(6'000), 1'000));
  CHECK(Base64Lines::find(piece).empty());
  checkSame(piece);
}

TEST_CASE("lines without end are looked at once", "[store]") {
  // Each line might begin a run, and none is one: the lines that were tried are not tried again.
  std::string piece;
  while (piece.size() < EncodedBlob::kChunk) piece += lines(noise(500), 76) + std::string(76, '-') + "\r\n";
  CHECK(Base64Lines::find(piece).empty());
  checkSame(piece);
}

TEST_CASE("a damaged form of lines of base64 is told", "[store]") {
  const std::string piece = "Subject: one\r\n\r\n" + lines(noise(3'000), 76);
  const std::string form = Base64Lines::find(piece).form();
  std::string text;
  CHECK_THROWS_WITH(Base64Lines::text(form, piece.size() + 1, text), Catch::Contains("damaged"));
  CHECK_THROWS_WITH(Base64Lines::text(form, piece.size() - 1, text), Catch::Contains("damaged"));
  CHECK_THROWS_WITH(Base64Lines::text(form.substr(1), piece.size(), text), Catch::Contains("damaged"));
  CHECK_THROWS_WITH(Base64Lines::text("", 0, text), Catch::Contains("damaged"));
  for (std::size_t at = 3'000; at < form.size(); ++at) {
    std::string bad = form;
    bad[at] ^= 0x55;
    std::string read;
    try {
      Base64Lines::text(bad, piece.size(), read);
      CHECK(read.size() == piece.size());
    } catch (const std::runtime_error&) {
    }
  }
}

TEST_CASE("an attachment makes a body one of base64 lines", "[store]") {
  const std::string attachment = lines(noise(600'000), 76);
  CHECK(EncodedBlob::of(attachment).encoding == Encoding::base64Lines);
  CHECK(EncodedBlob::of(std::string_view(attachment).substr(0, 5'000)).encoding == Encoding::base64Lines);
  CHECK(EncodedBlob::of(std::string(700'000, ' ') + attachment).encoding == Encoding::base64Lines);
}
