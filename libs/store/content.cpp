#include "store/content.h"

#include <mutex>

#include "store/blob_store.h"

namespace posthouse::store {

struct Content::Encoded {
  std::once_flag once;
  std::optional<EncodedBlob> blob;
};

Content::Content(std::string_view octets, std::uint32_t headerSize, std::string envelope, std::string bodyStructure,
                 std::optional<std::chrono::system_clock::time_point> sentAt)
    : octets_(octets),
      headerSize_(headerSize),
      envelope_(std::move(envelope)),
      bodyStructure_(std::move(bodyStructure)),
      sentAt_(sentAt),
      encoded_(std::make_unique<Encoded>()) {}

Content::Content(Content&&) noexcept = default;
Content& Content::operator=(Content&&) noexcept = default;
Content::~Content() = default;

const EncodedBlob& Content::encoded() const {
  std::call_once(encoded_->once, [this] { encoded_->blob = EncodedBlob::of(octets_); });
  return *encoded_->blob;
}

}  // namespace posthouse::store
