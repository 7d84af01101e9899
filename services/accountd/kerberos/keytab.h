#pragma once
#include <expected>
#include <string>
#include <vector>

namespace posthouse::accountd {

/// The principals that a keytab holds keys of, each once, or why they cannot be read. Reads the file.
std::expected<std::vector<std::string>, std::string> readKeytab(const std::string& path);

}  // namespace posthouse::accountd
