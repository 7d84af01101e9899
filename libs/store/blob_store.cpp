#include "store/blob_store.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "store/base64_lines.h"
#include "store/compression.h"

namespace posthouse::store {
namespace {

constexpr std::size_t kAskFirst = 64 * 1024;  // from here on a question is cheaper than sending what may be there
constexpr std::size_t kTogether = 4;  // chunks in one statement: what PostgreSQL holds in memory of a large body
constexpr std::string_view kPut = "SELECT posthouse.blob_put($1, $2, $3::smallint, $4, $5)";

/// Appends a piece of `size` octets as they were before they were stored.
void appendPiece(std::string& to, std::string_view piece, Encoding encoding, std::size_t size) {
  switch (encoding) {
    case Encoding::raw:
      to += piece;
      return;
    case Encoding::zstd:
      to.resize(to.size() + size);
      decompress(piece, to.data() + to.size() - size, size);
      return;
    case Encoding::base64Lines:
      Base64Lines::text(piece, size, to);
      return;
  }
  throw std::runtime_error("a stored body has a form that a later version of this program wrote");
}

}  // namespace

EncodedBlob EncodedBlob::of(std::string_view octets) {
  EncodedBlob blob{
      .id = BlobId::of(octets), .size = octets.size(), .encoding = Encoding::raw, .encoded = {}, .octets = octets};
  std::vector<Base64Lines> lines;
  for (std::size_t number = 0; number < blob.pieces(); ++number)
    lines.push_back(Base64Lines::find(octets.substr(number * kChunk, kChunk)));

  if (!std::ranges::all_of(lines, &Base64Lines::empty)) {
    blob.encoding = Encoding::base64Lines;
    for (Base64Lines& piece : lines) blob.encoded.push_back(std::exchange(piece, {}).form());
  } else if (!blob.isChunked()) {
    std::string compressed = compress(octets);
    if (!isWorthIt(compressed.size(), octets.size())) return blob;
    blob.encoding = Encoding::zstd;
    blob.encoded.push_back(std::move(compressed));
  } else if (isCompressible(octets)) {
    blob.encoding = Encoding::zstd;
    for (std::size_t at = 0; at < octets.size(); at += kChunk)
      blob.encoded.push_back(compress(octets.substr(at, kChunk)));
  }
  return blob;
}

std::string_view EncodedBlob::piece(std::size_t number) const noexcept {
  if (encoding != Encoding::raw) return encoded[number];
  return isChunked() ? octets.substr(number * kChunk, kChunk) : octets;
}

void BlobStore::put(const EncodedBlob& blob) {
  const db::Octets id{blob.id.view()};
  if (blob.size >= kAskFirst && transaction_.exec1("SELECT posthouse.blob_touch($1)", id)[0].get<bool>(0)) return;
  if (!blob.isChunked()) {
    transaction_.exec(kPut, id, blob.size, blob.encoding, 0, db::Octets{blob.piece(0)});
    return;
  }
  const auto fresh = transaction_.exec1(kPut, id, blob.size, blob.encoding, EncodedBlob::kChunk, nullptr);
  if (!fresh[0].get<bool>(0)) return;
  for (std::size_t first = 0; first < blob.pieces(); first += kTogether) {
    std::array<std::optional<db::Octets>, kTogether> pieces;
    for (std::size_t i = 0; i < kTogether && first + i < blob.pieces(); ++i)
      pieces[i] = db::Octets{blob.piece(first + i)};
    transaction_.execPrepared("SELECT posthouse.blob_put_chunks($1, $2, $3, $4, $5, $6)", id, first, pieces[0],
                              pieces[1], pieces[2], pieces[3]);
  }
}

std::optional<std::string> BlobStore::read(const BlobId& blob) {
  return read(blob, 0, ~std::uint64_t{0});
}

std::map<BlobId, std::string> BlobStore::readSmall(const std::vector<BlobId>& blobs) {
  std::vector<db::Octets> ids;
  ids.reserve(blobs.size());
  for (const BlobId& blob : blobs) ids.push_back({blob.view()});
  const auto rows = transaction_.exec(R"sql(
    SELECT b.blob_id, b.size, b.enc, b.data FROM unnest($1::bytea[]) AS i (id),
      LATERAL (SELECT x.blob_id, x.size, x.enc, x.data FROM posthouse.blob x WHERE x.blob_id = i.id AND x.chunk = 0 OFFSET 0) b)sql",
                                      ids);
  std::map<BlobId, std::string> bodies;
  for (const auto& row : rows) {
    std::string& body = bodies[BlobId::from(row.view(0))];
    body.clear();  // the same body may be asked for twice
    appendPiece(body, row.view(3), row.get<Encoding>(2), row.get<std::uint64_t>(1));
  }
  return bodies;
}

std::map<BlobId, StoredBody> BlobStore::find(const std::vector<BlobId>& blobs) {
  std::vector<db::Octets> ids;
  ids.reserve(blobs.size());
  for (const BlobId& blob : blobs) ids.push_back({blob.view()});
  const auto rows = transaction_.execPrepared(R"sql(
    SELECT b.blob_id, b.size, b.enc, b.chunk, b.data FROM unnest($1::bytea[]) AS i (id),
      LATERAL (SELECT x.blob_id, x.size, x.enc, x.chunk, x.data FROM posthouse.blob x WHERE x.blob_id = i.id OFFSET 0) b)sql",
                                              ids);
  std::map<BlobId, StoredBody> bodies;
  for (const auto& row : rows) {
    const BlobId id = BlobId::from(row.view(0));
    const auto [size, encoding, chunk] =
        std::tuple(row.get<std::uint64_t>(1), row.get<Encoding>(2), row.get<std::uint64_t>(3));
    StoredBody& body = bodies[id];
    body = {};  // the same one may be asked for twice
    if (chunk == 0) {
      appendPiece(body.octets, row.view(4), encoding, size);
    } else {
      body.pieces = BlobPieces{.blob = id, .size = size, .encoding = encoding, .chunk = chunk};
    }
  }
  return bodies;
}

std::string BlobStore::readPiece(const BlobPieces& pieces, std::uint64_t number) {
  const auto rows = transaction_.execPrepared("SELECT data FROM posthouse.blob_chunk WHERE blob_id = $1 AND seq = $2",
                                              db::Octets{pieces.blob.view()}, number);
  if (rows.empty()) throw std::runtime_error("a stored body lacks a piece");
  std::string octets;
  appendPiece(octets, rows[0].view(0), pieces.encoding, std::min(pieces.chunk, pieces.size - number * pieces.chunk));
  return octets;
}

std::optional<std::string> BlobStore::read(const BlobId& blob, std::uint64_t offset, std::uint64_t length) {
  const db::Octets id{blob.view()};
  const auto rows = transaction_.exec("SELECT size, enc, chunk, data FROM posthouse.blob WHERE blob_id = $1", id);
  if (rows.empty()) return std::nullopt;
  const auto [size, encoding, chunk] = rows[0].as<std::uint64_t, Encoding, std::uint64_t>();
  if (offset >= size || length == 0) return std::string();
  const std::uint64_t end = offset + std::min(length, size - offset);

  std::string octets;
  std::uint64_t first = 0;  // where in the body `octets` begins
  if (chunk == 0) {
    appendPiece(octets, rows[0].view(3), encoding, size);
  } else {
    first = offset / chunk * chunk;
    octets.reserve(std::min(size, end + chunk) - first);
    const auto pieces = transaction_.exec(
        "SELECT data FROM posthouse.blob_chunk WHERE blob_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq", id,
        offset / chunk, (end - 1) / chunk);
    for (const auto& piece : pieces) {
      appendPiece(octets, piece.view(0), encoding, std::min(chunk, size - first - octets.size()));
    }
  }
  if (first + octets.size() < end) throw std::runtime_error("a stored body lacks a piece");
  octets.resize(end - first);
  octets.erase(0, offset - first);
  return octets;
}

}  // namespace posthouse::store
