// HTTP of the admin ports: a request line that is read prints as the same; a response that one side writes is the one
// that the other reads; and what is read of strangers holds no control and no status that is none.
#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"
#include "http_answer.h"
#include "observe/http_message.h"

using namespace posthouse;

namespace {

void requests(std::string_view text) {
  const auto line = observe::parseRequestLine(text);
  if (!line) return;
  for (const std::string& word : {line->method, line->path, line->query}) {
    for (const char c : word) {
      if (ascii::isControl(c) || ascii::isEightBit(c) || c == ' ') std::abort();
    }
  }
  if (line->method.empty() || line->path.contains('?')) std::abort();
  if (text.size() < line->method.size() + 1 + line->path.size()) std::abort();
  std::string printed = line->method + ' ' + line->path;
  if (text.substr(printed.size()).starts_with('?')) printed += '?' + line->query;
  if (!text.starts_with(printed + " HTTP/1.") || text.size() != printed.size() + 9) std::abort();
}

void answers(std::string_view text) {
  const auto answer = mailctl::parseHttpAnswer(text);
  if (answer && (answer->status < 100 || answer->status > 999 || !text.contains(answer->body))) std::abort();
}

void bothSides(std::string_view text) {
  const int status = text.size() % 2 == 0 ? 200 : 503;
  const std::string octets = observe::renderResponse({status, "text/plain", std::string(text)}, false);
  const auto read = mailctl::parseHttpAnswer(octets);
  if (!read || read->status != status || !text.starts_with(read->body)) std::abort();
  if (text.substr(read->body.size()).find_first_not_of('\n') != text.npos) std::abort();
  const std::string toHead = observe::renderResponse({status, "text/plain", std::string(text)}, true);
  if (!toHead.ends_with("\r\n\r\n") || toHead + std::string(text) != octets) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  requests(text);
  answers(text);
  bothSides(text);
  return 0;
}
