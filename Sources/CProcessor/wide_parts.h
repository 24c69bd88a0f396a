// Parts of blocks.h: what its products are made of where vectors have sixteen lanes.

PROCESSOR_INLINE __m512i processor_16(const unsigned char *bytes) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)bytes));
}
// 32 bytes, twice.
PROCESSOR_INLINE __m512i processor_twice_32(const unsigned char *bytes) {
  return _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)bytes));
}
// One number in the lower half of the 64-bit lanes, another in the upper.
PROCESSOR_INLINE __m512i processor_halves_of(long low, long high) {
  return _mm512_set_epi64(high, high, high, high, low, low, low, low);
}
// The bits of `first` where those of `mask` are set, of `second` elsewhere.
PROCESSOR_INLINE __m512i processor_select(__m512i mask, __m512i first, __m512i second) {
  return _mm512_ternarylogic_epi64(mask, first, second, 0xCA);
}
PROCESSOR_INLINE __m512i processor_lanes(void) {
  return _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

// Byte 16 · j + i of 64 as byte j of lane i.
PROCESSOR_INLINE __m512i processor_transposed(__m512i bytes) {
  const __m512i first = processor_lanes();
  const __m512i from = _mm512_or_si512(
      _mm512_mullo_epi32(first, _mm512_set1_epi32(0x01010101)), _mm512_set1_epi32(0x30201000));
  return _mm512_permutexvar_epi8(from, bytes);
}

// The low six bits of byte `part` of every lane, less 32: moved into the mantissa of a float, which then is 128 + q.
PROCESSOR_INLINE __m512 processor_below_64(__m512i bytes, int part) {
  const __m512i moved = part < 2 ? _mm512_slli_epi32(bytes, 16 - 8 * part) : _mm512_srli_epi32(bytes, 8 * part - 16);
  const __m512i number = _mm512_ternarylogic_epi32(
      moved, _mm512_set1_epi32(0x003F0000), _mm512_set1_epi32(0x43000000), 0xEA);
  return _mm512_sub_ps((__m512)number, _mm512_set1_ps(160));
}

// Keeps the compiler from looking up the factors of a product, to multiply then.
#define PROCESSOR_OPAQUE(values) __asm__("" : "+v"(values))

// number · scale, and the same less an offset. Both come to every lane as part of the arithmetic, which costs nothing; a
// broadcast of its own takes an execution unit. Where there is an offset the product is exact (a number of at
// most 5 bits times a scale of 17), so that this is rounded once, as if it were fused.
PROCESSOR_INLINE __m512 processor_scaled(__m512 number, const float *scale) {
  return _mm512_mul_ps(number, _mm512_set1_ps(*scale));
}
PROCESSOR_INLINE __m512 processor_scaled_less(__m512 number, const float *scale, const float *offset) {
  return _mm512_sub_ps(processor_scaled(number, scale), _mm512_set1_ps(*offset));
}

PROCESSOR_INLINE __m512 processor_scaled_and(__m512 number, const float *scale, const float *offset) {
  return _mm512_add_ps(processor_scaled(number, scale), _mm512_set1_ps(*offset));
}

// sum += x · value
PROCESSOR_INLINE void processor_add(__m512 *sum, const float *x, __m512 value) {
  *sum = _mm512_fmadd_ps(_mm512_loadu_ps(x), value, *sum);
}

// The values of the sixteen numbers of four bits.
PROCESSOR_INLINE __m512 processor_codes(enum processor_type type) {
  switch (type) {
    case processor_q4_0: return _mm512_set_ps(7, 6, 5, 4, 3, 2, 1, 0, -1, -2, -3, -4, -5, -6, -7, -8);
    case processor_iq4_nl: case processor_iq4_xs:
      return _mm512_set_ps(113, 89, 69, 53, 38, 25, 13, 1, -10, -22, -35, -49, -65, -83, -104, -127);
    case processor_mxfp4: return _mm512_set_ps(-12, -8, -6, -4, -3, -2, -1, 0, 12, 8, 6, 4, 3, 2, 1, 0);
    default: return _mm512_cvtepi32_ps(processor_lanes());
  }
}

// Sixteen bytes of two numbers of four bits; there are sixteen values, which are looked up by the low bits of a place.
PROCESSOR_INLINE void processor_add_pairs(__m512 *sum, const float *x, const unsigned char *pairs, __m512 values) {
  const __m512i places = processor_16(pairs);
  processor_add(sum, x, _mm512_permutexvar_ps(places, values));
  processor_add(sum, x + 16, _mm512_permutexvar_ps(_mm512_srli_epi32(places, 4), values));
}
