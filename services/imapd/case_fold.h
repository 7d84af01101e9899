#pragma once
#include <string>
#include <string_view>

namespace posthouse::imapd {

/// UTF-8 text in which letters of either case are the same (Unicode's full case folding), for searches that ignore
/// case.
std::string caseFold(std::string_view utf8);

}  // namespace posthouse::imapd
