// Attachments are most of the octets of all mail: a group is done by table look-ups, and by AVX2 eight groups at a time
// (W. Muła, D. Lemire: Faster Base64 Encoding and Decoding Using AVX2 Instructions, 2018).
#include "base/base64_groups.h"

#include <array>
#include <cstdint>
#include <cstring>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace posthouse::base64 {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t kForeign = 0x80000000;

/// For each place in a group, what a character there adds to the group's three octets, the first in the lowest bits.
using Places = std::array<std::array<std::uint32_t, 256>, kGroup>;
constexpr Places kPlaces = [] {
  Places places{};
  for (auto& place : places) place.fill(kForeign);
  for (std::uint32_t value = 0; value < kAlphabet.size(); ++value) {
    const auto c = static_cast<unsigned char>(kAlphabet[value]);
    places[0][c] = value << 2;
    places[1][c] = value >> 4 | (value & 15) << 12;
    places[2][c] = (value >> 2) << 8 | (value & 3) << 22;
    places[3][c] = value << 16;
  }
  return places;
}();

/// The two characters of twelve bits.
constexpr std::array<std::array<char, 2>, 4096> kPairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t bits = 0; bits < pairs.size(); ++bits) pairs[bits] = {kAlphabet[bits >> 6], kAlphabet[bits & 63]};
  return pairs;
}();

std::size_t decodeByTable(std::string_view text, char* to) noexcept {
  std::size_t done = 0;
  for (; text.size() - done >= kGroup; done += kGroup, to += kGroupOctets) {
    const auto* c = reinterpret_cast<const unsigned char*>(text.data()) + done;
    const std::uint32_t octets = kPlaces[0][c[0]] | kPlaces[1][c[1]] | kPlaces[2][c[2]] | kPlaces[3][c[3]];
    if (octets & kForeign) break;
    to[0] = static_cast<char>(octets);
    to[1] = static_cast<char>(octets >> 8);
    to[2] = static_cast<char>(octets >> 16);
  }
  return done;
}

void encodeByTable(std::string_view octets, char* to) noexcept {
  for (std::size_t i = 0; i < octets.size(); i += kGroupOctets, to += kGroup) {
    const auto* o = reinterpret_cast<const unsigned char*>(octets.data()) + i;
    const std::uint32_t group = o[0] << 16 | o[1] << 8 | o[2];
    std::memcpy(to, kPairs[group >> 12].data(), 2);
    std::memcpy(to + 2, kPairs[group & 4095].data(), 2);
  }
}

#ifdef __x86_64__

/// A table of 16 octets for both halves of a register.
__attribute__((target("avx2"))) __m256i twice(const std::array<std::int8_t, 16>& table) noexcept {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

__attribute__((target("avx2"))) std::size_t decodeByAvx2(std::string_view text, char* to) noexcept {
  constexpr std::size_t kStep = sizeof(__m256i);
  // A character is of the alphabet if what its low and its high half may not be together has no bit in common.
  constexpr std::array<std::int8_t, 16> kLow = {0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                                0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A};
  constexpr std::array<std::int8_t, 16> kHigh = {0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08,
                                                 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10};
  // From a character to its value, by its high half; "/", which shares that with "+", is one further down.
  constexpr std::array<std::int8_t, 16> kShift = {0, 63 - '/', 62 - '+', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a'};
  constexpr std::array<std::int8_t, 16> kOrder = {2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1};
  const __m256i low = twice(kLow), high = twice(kHigh), shift = twice(kShift), order = twice(kOrder);
  const __m256i slash = _mm256_set1_epi8('/');  // 0x2F: keeps the half of an octet, too, for a look-up ignores bit 5

  std::size_t done = 0;
  for (; text.size() - done >= kStep; done += kStep, to += kStep / kGroup * kGroupOctets) {
    const __m256i characters = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + done));
    const __m256i highHalf = _mm256_and_si256(_mm256_srli_epi32(characters, 4), slash);
    const __m256i lowHalf = _mm256_and_si256(characters, slash);
    if (!_mm256_testz_si256(_mm256_shuffle_epi8(low, lowHalf), _mm256_shuffle_epi8(high, highHalf))) break;
    const __m256i isSlash = _mm256_cmpeq_epi8(characters, slash);
    const __m256i values = _mm256_add_epi8(characters, _mm256_shuffle_epi8(shift, _mm256_add_epi8(isSlash, highHalf)));
    const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));  // 12 bits each
    const __m256i groups = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));     // 24 bits each
    const __m256i halves = _mm256_shuffle_epi8(groups, order);
    const __m256i octets = _mm256_permutevar8x32_epi32(halves, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), octets);
  }
  return done;
}

/// Octets that were encoded from the beginning: whole groups.
__attribute__((target("avx2"))) std::size_t encodeByAvx2(std::string_view octets, char* to) noexcept {
  constexpr std::size_t kStep = sizeof(__m256i) / kGroup * kGroupOctets;
  constexpr std::size_t kRead = kStep + kGroup;  // octets of the two halves that are loaded
  constexpr std::array<std::int8_t, 16> kOrder = {1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10};
  // From a value to its character: of a capital by 13, of others by how far they are beyond 51.
  constexpr std::array<std::int8_t, 16> kShift = {'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                                  '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A'};
  const __m256i order = twice(kOrder), shift = twice(kShift);
  std::size_t done = 0;
  for (; octets.size() - done >= kRead; done += kStep, to += sizeof(__m256i)) {
    const auto* from = octets.data() + done;
    const __m256i groups = _mm256_shuffle_epi8(
        _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(from + kStep / 2), reinterpret_cast<const __m128i*>(from)),
        order);
    const __m256i odd = _mm256_and_si256(groups, _mm256_set1_epi32(0x0FC0FC00));
    const __m256i even = _mm256_and_si256(groups, _mm256_set1_epi32(0x003F03F0));
    const __m256i values = _mm256_or_si256(_mm256_mulhi_epu16(odd, _mm256_set1_epi32(0x04000040)),
                                           _mm256_mullo_epi16(even, _mm256_set1_epi32(0x01000010)));
    const __m256i isCapital = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
    const __m256i which = _mm256_or_si256(_mm256_subs_epu8(values, _mm256_set1_epi8(51)),
                                          _mm256_and_si256(isCapital, _mm256_set1_epi8(13)));
    const __m256i characters = _mm256_add_epi8(values, _mm256_shuffle_epi8(shift, which));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), characters);
  }
  return done;
}

// A look at libgcc's word for it, which is there before any constructor of ours runs. A variable of this file would not
// be: an encode in another file's static initialiser would find it unset.
bool hasAvx2() noexcept {
  return __builtin_cpu_supports("avx2") != 0;
}

#endif

}  // namespace

std::size_t decodeGroups(std::string_view text, char* to) noexcept {
  std::size_t done = 0;
#ifdef __x86_64__
  if (hasAvx2()) done = decodeByAvx2(text, to);
#endif
  return done + decodeByTable(text.substr(done), to + done / kGroup * kGroupOctets);
}

void encodeGroups(std::string_view octets, char* to) noexcept {
  std::size_t done = 0;
#ifdef __x86_64__
  if (hasAvx2()) done = encodeByAvx2(octets, to);
#endif
  encodeByTable(octets.substr(done), to + done / kGroupOctets * kGroup);
}

}  // namespace posthouse::base64
