// The one file that knows ICU.
#include "message/charset.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <memory>

#include "base/ascii.h"
#include "base/utf8.h"

namespace posthouse::message {

namespace {

constexpr std::size_t kMaxCharsetName = 60;

struct CloseConverter {
  void operator()(UConverter* converter) const noexcept { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

/// What mail means by a name, where ICU means less.
std::string meant(std::string_view charset) {
  std::string name = ascii::toLower(ascii::trimBlanks(charset));
  if (name == "iso-8859-1" || name == "latin1" || name == "iso_8859-1") return "windows-1252";
  if (name == "gb2312" || name == "gbk" || name == "x-gbk") return "gb18030";
  if (name == "ks_c_5601-1987" || name == "euc-kr") return "windows-949";
  if (name == "shift_jis" || name == "sjis") return "windows-31j";
  return name;
}

Converter open(const std::string& name) {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(name.c_str(), &error));
  if (U_FAILURE(error)) return nullptr;
  return converter;
}

}  // namespace

std::string toUtf8(std::string_view text, std::string_view charset) {
  const std::string name = meant(charset.substr(0, kMaxCharsetName));
  const bool plain = name.empty() || name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii";
  if (plain || name.find('\0') != std::string::npos) return repairUtf8(text);
  const Converter converter = open(name);
  if (!converter) return repairUtf8(text);
  std::string utf8;
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString(text.data(), static_cast<int32_t>(std::min<std::size_t>(text.size(), INT32_MAX / 4)),
                     converter.get(), error)
      .toUTF8String(utf8);
  if (U_FAILURE(error)) return repairUtf8(text);
  return utf8;
}

std::string repairUtf8(std::string_view text) {
  if (utf8::isValid(text)) return std::string(text);
  std::string repaired;
  while (!text.empty()) {
    std::size_t size = 1;
    while (size < 4 && size <= text.size() && !utf8::isValid(text.substr(0, size))) ++size;
    if (size <= text.size() && utf8::isValid(text.substr(0, size))) {
      repaired += text.substr(0, size);
      text.remove_prefix(size);
    } else {
      repaired += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
  }
  return repaired;
}

}  // namespace posthouse::message
