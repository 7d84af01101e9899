#pragma once
#include <functional>
#include <string_view>

namespace posthouse::filterd {

/// Shows what a message says: first its octets as they were sent, then every leaf of its MIME tree that reads
/// differently once its transfer encoding is undone.
void forEachText(std::string_view message, const std::function<void(std::string_view)>& show);

}  // namespace posthouse::filterd
