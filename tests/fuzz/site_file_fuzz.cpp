// Whatever a site.toml holds, it is read or refused with a place, and what was read is written so that it is read
// again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exit_code.h"
#include "site_file.h"

using namespace posthouse::mailctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (text.contains("_file")) return 0;  // would be opened
  std::string once;
  try {
    once = siteFile(readSiteFile(text, "site.toml"));
  } catch (const Failure&) {
    return 0;
  }
  if (siteFile(readSiteFile(once, "written")) != once) std::abort();
  return 0;
}
