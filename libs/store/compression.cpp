#include "store/compression.h"

#include <zstd.h>

#include <memory>

namespace posthouse::store {
namespace {

constexpr int kLevel = 1;                   // beyond it, time grows faster than gain
constexpr std::size_t kSample = 16 * 1024;  // what shows whether compression gains anything

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

}  // namespace

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

bool isCompressible(std::string_view octets) {
  const std::string_view sample = octets.size() > 2 * kSample ? octets.substr(octets.size() / 2, kSample) : octets;
  return isWorthIt(compress(sample).size(), sample.size());
}

std::optional<std::size_t> sizeBefore(std::string_view compressed) noexcept {
  const auto size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) return std::nullopt;
  return size;
}

void decompress(std::string_view compressed, char* to, std::size_t size) {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  const std::size_t written = ZSTD_decompressDCtx(context.get(), to, size, compressed.data(), compressed.size());
  if (ZSTD_isError(written) || written != size) throw Damaged();
}

}  // namespace posthouse::store
