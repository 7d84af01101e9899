// A configuration is read, or refused with a place for each error; sizes and durations are never negative.
#include <cstdint>
#include <cstdlib>

#include "config/configuration.h"
#include "config/units.h"

using namespace posthouse::config;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto duration = parseDuration(text); duration && duration->count() < 0) std::abort();
  parseBytes(text);
  try {
    Configuration configuration = Configuration::parse(
        text, "file.toml", nullptr, {{"smtpd.hostname", text}, {"log.level", text.substr(size / 2)}});
    Section section = configuration.section("smtpd");
    section.text("hostname", "");
    section.bytes("max_message_size", 1);
    section.integer("max_recipients", 1, 0, 10);
    section.duration("command_timeout", std::chrono::seconds(1));
    section.list("relay_networks");
    for (Section& listener : section.tables("listener")) {
      listener.text("name");
      listener.rejectUnread();
    }
    section.rejectUnread();
    configuration.check();
  } catch (const InvalidConfiguration& invalid) {
    if (std::string_view(invalid.what()).find(": error: ") == std::string_view::npos) std::abort();
  }
  return 0;
}
