#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::httpclient {

/// Why no client of ours fetches this URL, fit to follow its name ("is not an https URL"); nothing if one does: https,
/// or http to this machine.
std::optional<std::string> objection(const std::string& url);

/// "https" of "https://example.org/"; in lower case. Empty for what is no URL.
std::string schemeOf(const std::string& url);

/// Whether what is at the URL can only be reached on this machine: localhost, 127.0.0.0/8, [::1].
bool isLoopback(const std::string& url);

}  // namespace posthouse::httpclient
