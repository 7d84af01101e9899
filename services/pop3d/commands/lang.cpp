// LANG, RFC 6856 §3.2.
#include <fmt/format.h>

#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

namespace {

/// language-listing = tag SP description, the description in the language itself
std::string listing() {
  std::string lines;
  for (const pop3::Language* language : pop3::languages())
    lines += fmt::format("{} {}\r\n", language->tag, language->name);
  return lines + ".\r\n";
}

}  // namespace

Task<Answer> Session::on(const pop3::Lang& lang) {
  if (!lang.range) co_return Answer(Reply::ok("Languages follow"), std::make_unique<ShortBody>(listing()));
  const pop3::Language* wanted = *lang.range == "*" ? surroundings_.config.language : pop3::languageFor(*lang.range);
  if (wanted == nullptr) co_return Reply::error("That language is not spoken here, LANG lists those that are");
  language_ = wanted;
  co_return Reply::data(std::string(wanted->tag), "Language changed");
}

}  // namespace posthouse::pop3d
