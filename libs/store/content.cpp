#include "store/content.h"

#include "store/blob_store.h"

namespace posthouse::store {

Content::Content(std::string_view octets, std::uint32_t headerSize, std::string envelope, std::string bodyStructure,
                 std::optional<std::chrono::system_clock::time_point> sentAt)
    : octets_(octets),
      headerSize_(headerSize),
      envelope_(std::move(envelope)),
      bodyStructure_(std::move(bodyStructure)),
      sentAt_(sentAt) {}

Content::Content(Content&&) noexcept = default;
Content& Content::operator=(Content&&) noexcept = default;
Content::~Content() = default;

const EncodedBlob& Content::encoded() const {
  if (!encoded_) encoded_ = std::make_unique<EncodedBlob>(EncodedBlob::of(octets_));
  return *encoded_;
}

}  // namespace posthouse::store
