#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "maildir/courier_size_list.h"
#include "maildir/dovecot_uidlist.h"
#include "maildir/owner.h"
#include "maildir/uidl_format.h"

namespace posthouse::mailctl::maildir {

/// By which names POP3 clients know the messages of a folder.
class OldIds {
 public:
  using Complain = std::function<void(const std::filesystem::path& file, std::size_t line, const std::string& what)>;

  /// Where the files are: Dovecot may keep its own elsewhere (CONTROL=).
  struct Places {
    std::filesystem::path dovecot;  // a folder
    std::filesystem::path courier;
  };
  /// Reads what is there of dovecot-uidlist and courierpop3dsizelist; of both, Dovecot's. `complain` is told of lines
  /// that cannot be read. Throws Failure, with the file and the line, if nothing of a file can.
  OldIds(const Places& places, const Owner& owner, const UidlFormat& format, const Complain& complain);

  /// Whether there was a file.
  bool areKnown() const noexcept { return dovecot_ || courier_; }
  bool areCouriers() const noexcept { return courier_.has_value(); }
  bool areOfBoth() const noexcept { return hasBoth_; }

  struct Found {
    std::uint32_t uid = 0;  // Dovecot's
    std::string uniqueId;
    bool isExplicit = false;  // the file tells it, nothing was made of a format
  };
  /// `base` of a file's name.
  std::optional<Found> find(std::string_view base) const;

 private:
  const UidlFormat& format_;
  std::optional<DovecotUidList> dovecot_;
  std::optional<CourierSizeList> courier_;
  bool hasBoth_ = false;
};

}  // namespace posthouse::mailctl::maildir
