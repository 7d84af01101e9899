#include "maildir/unreadable_format.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace posthouse::mailctl::maildir {
namespace {

struct Format {
  std::string_view magic;
  std::string_view name;
};
constexpr Format kCompressed[] = {{"\x1F\x8B\x08", "gzip"},
                                  {"\x28\xB5\x2F\xFD", "zstd"},
                                  {"\xFD\x37\x7A\x58\x5A", "xz"},
                                  {"Dovecot-LZ4\x0D\x2A\x9B\xC5", "LZ4"}};
constexpr std::string_view kBzip2 = "BZh";
constexpr std::string_view kMailCrypt = "CRYPTED\x03\x07";

std::string advice(std::string_view state, std::string_view setting) {
  return fmt::format(
      "it is {}, and would be no message here: import a plain copy, which Dovecot makes with its UIDs by "
      "`doveadm -o plugin/{} backup -u USER maildir:COPY`",
      state, setting);
}

}  // namespace

std::optional<std::string> objectionToFormat(std::string_view beginning) {
  const bool isBzip2 =
      beginning.starts_with(kBzip2) && beginning.size() > kBzip2.size() && ascii::isDigit(beginning[kBzip2.size()]);
  if (isBzip2) return advice("compressed (bzip2)", "zlib_save=");
  for (const Format& format : kCompressed)
    if (beginning.starts_with(format.magic)) return advice(fmt::format("compressed ({})", format.name), "zlib_save=");
  if (beginning.starts_with(kMailCrypt)) return advice("encrypted (mail_crypt)", "mail_crypt_save_version=0");
  return std::nullopt;
}

}  // namespace posthouse::mailctl::maildir
