#include "store/blob_store.h"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace posthouse::store {
namespace {

constexpr int kLevel = 1;                     // beyond it, time grows faster than gain
constexpr std::size_t kSample = 64 * 1024;    // what shows whether compression gains anything
constexpr std::size_t kAskFirst = 64 * 1024;  // from here on a question is cheaper than sending what may be there
constexpr std::size_t kTogether = 4;  // chunks in one statement: what PostgreSQL holds in memory of a large body
constexpr std::string_view kPut = "SELECT posthouse.blob_put($1, $2, $3::smallint, $4, $5)";

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

std::string compress(std::string_view octets) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  std::string compressed(ZSTD_compressBound(octets.size()), '\0');
  const std::size_t size =
      ZSTD_compressCCtx(context.get(), compressed.data(), compressed.size(), octets.data(), octets.size(), kLevel);
  if (ZSTD_isError(size)) throw std::runtime_error(ZSTD_getErrorName(size));
  compressed.resize(size);
  compressed.shrink_to_fit();
  return compressed;
}

void decompress(std::string& to, std::string_view piece, Encoding encoding, std::size_t expected) {
  if (encoding == Encoding::raw) {
    to += piece;
    return;
  }
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  const std::size_t before = to.size();
  to.resize(before + expected);
  const std::size_t size = ZSTD_decompressDCtx(context.get(), to.data() + before, expected, piece.data(), piece.size());
  if (ZSTD_isError(size) || size != expected) throw std::runtime_error("a stored body is damaged");
}

bool isWorthIt(std::size_t compressed, std::size_t raw) {
  return compressed < raw - raw / 20;
}  // 5 %

}  // namespace

EncodedBlob EncodedBlob::of(std::string_view octets) {
  EncodedBlob blob{
      .id = BlobId::of(octets), .size = octets.size(), .encoding = Encoding::raw, .compressed = {}, .octets = octets};
  if (!blob.isChunked()) {
    std::string compressed = compress(octets);
    if (!isWorthIt(compressed.size(), octets.size())) return blob;
    blob.compressed.push_back(std::move(compressed));
  } else {
    // The sample is from the middle: the beginning is header fields and text even where the rest is an attachment.
    const std::string_view sample = octets.substr(octets.size() / 2, kSample);
    if (!isWorthIt(compress(sample).size(), sample.size())) return blob;
    for (std::size_t at = 0; at < octets.size(); at += kChunk)
      blob.compressed.push_back(compress(octets.substr(at, kChunk)));
  }
  blob.encoding = Encoding::zstd;
  return blob;
}

std::string_view EncodedBlob::piece(std::size_t number) const noexcept {
  if (encoding == Encoding::zstd) return compressed[number];
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
    std::vector<db::Octets> pieces;
    for (std::size_t number = first; number < std::min(first + kTogether, blob.pieces()); ++number)
      pieces.push_back({blob.piece(number)});
    transaction_.execPrepared("SELECT posthouse.blob_put_chunks($1, $2, $3)", id, first, pieces);
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
    decompress(body, row.view(3), row.get<Encoding>(2), row.get<std::uint64_t>(1));
  }
  return bodies;
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
    decompress(octets, rows[0].view(3), encoding, size);
  } else {
    first = offset / chunk * chunk;
    octets.reserve(std::min(size, end + chunk) - first);
    const auto pieces = transaction_.exec(
        "SELECT data FROM posthouse.blob_chunk WHERE blob_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq", id,
        offset / chunk, (end - 1) / chunk);
    for (const auto& piece : pieces) {
      decompress(octets, piece.view(0), encoding, std::min(chunk, size - first - octets.size()));
    }
  }
  if (first + octets.size() < end) throw std::runtime_error("a stored body lacks a piece");
  octets.resize(end - first);
  octets.erase(0, offset - first);
  return octets;
}

}  // namespace posthouse::store
