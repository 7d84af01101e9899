#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/types.h"

namespace posthouse::store {

/// A body made ready to be stored: hashed and compressed. Refers to the octets it was made of.
struct EncodedBlob;

/// A message to be stored, for one account or many. What depends on the recipient (Return-Path, Delivered-To) is not
/// part of it but a prefix of each delivery, so that all recipients share one body.
class Content {
 public:
  /// `octets` must outlive the Content. `headerSize` counts the header section with the empty line that ends it.
  /// `envelope` and `bodyStructure` are what IMAP shows: kept as given. `sentAt` is the Date field.
  Content(std::string_view octets, std::uint32_t headerSize, std::string envelope, std::string bodyStructure,
          std::optional<std::chrono::system_clock::time_point> sentAt = {});
  Content(Content&&) noexcept;
  Content& operator=(Content&&) noexcept;
  ~Content();

  std::string_view octets() const noexcept { return octets_; }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(octets_.size()); }
  std::uint32_t headerSize() const noexcept { return headerSize_; }
  const std::string& envelope() const noexcept { return envelope_; }
  const std::string& bodyStructure() const noexcept { return bodyStructure_; }
  std::optional<std::chrono::system_clock::time_point> sentAt() const noexcept { return sentAt_; }

  /// Hashes and compresses at the first call, on the pool thread that stores it. Any thread, any time: recipients of
  /// one message may be in transactions of several threads.
  const EncodedBlob& encoded() const;

 private:
  struct Encoded;

  std::string_view octets_;
  std::uint32_t headerSize_;
  std::string envelope_;
  std::string bodyStructure_;
  std::optional<std::chrono::system_clock::time_point> sentAt_;
  std::unique_ptr<Encoded> encoded_;
};

}  // namespace posthouse::store
