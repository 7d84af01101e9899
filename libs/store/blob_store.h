#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

/// How the octets of a blob or chunk are stored. Values are stored: never renumber.
enum class Encoding : std::int16_t { raw = 0, zstd = 1, base64Lines = 2 };

/// A body made ready to be stored: hashed, lines of base64 decoded (Base64Lines), and compressed if that gains
/// anything. Small ones are one piece, larger ones pieces of kChunk octets each encoded alone, so that a part can be
/// read without the rest.
struct EncodedBlob {
  static constexpr std::uint32_t kChunk = 256 * 1024;

  BlobId id;
  std::uint64_t size;
  Encoding encoding;
  std::vector<std::string> encoded;  // the pieces, if encoding is not raw
  std::string_view octets;           // of the whole; must outlive this

  static EncodedBlob of(std::string_view octets);
  bool isChunked() const noexcept { return size > kChunk; }
  std::size_t pieces() const noexcept { return isChunked() ? (size + kChunk - 1) / kChunk : 1; }
  std::string_view piece(std::size_t number) const noexcept;
};

/// Where the pieces of a large body are, which are read one by one. What is known of it stays true: bodies do not
/// change, and one that nobody holds any more is kept for a day.
struct BlobPieces {
  BlobId blob;
  std::uint64_t size = 0;
  Encoding encoding = Encoding::raw;
  std::uint64_t chunk = 0;  // octets of each but the last

  std::uint64_t count() const noexcept { return (size + chunk - 1) / chunk; }
};

/// A body: whole if it is small, in `pieces` otherwise.
struct StoredBody {
  std::string octets;
  std::optional<BlobPieces> pieces;
};

/// Bodies by content. Shared by everybody who holds the same octets; never served but through a message or queue entry
/// that holds them.
class BlobStore {
 public:
  explicit BlobStore(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// Stores what is not there yet. Asks before sending a large one. Small bodies are better stored by the call that
  /// also makes the message (DeliveryRepository, MessageRepository, QueueRepository do so).
  void put(const EncodedBlob& blob);

  /// All octets, or nothing if there is no such blob.
  std::optional<std::string> read(const BlobId& blob);
  /// Those of `blobs` that are one piece, in one statement; the others are left out.
  std::map<BlobId, std::string> readSmall(const std::vector<BlobId>& blobs);
  /// Those of `blobs` that are there, in one statement.
  std::map<BlobId, StoredBody> find(const std::vector<BlobId>& blobs);
  /// One piece, from 0, in one statement. Throws if there is none.
  std::string readPiece(const BlobPieces& pieces, std::uint64_t number);
  /// At most `length` octets from `offset`; reads only the chunks that hold them.
  std::optional<std::string> read(const BlobId& blob, std::uint64_t offset, std::uint64_t length);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
