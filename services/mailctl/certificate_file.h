#pragma once
#include <string>
#include <string_view>

namespace posthouse::mailctl {

/// The first certificate of what a file holds, PEM or DER, and nothing of the rest: there may be a private key. Throws
/// Failure that names the file.
std::string firstCertificate(std::string_view content, const std::string& name);

}  // namespace posthouse::mailctl
