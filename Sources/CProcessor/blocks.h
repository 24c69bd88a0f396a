// Products of one row of floats with four rows that lie in their file's blocks, nothing decoded in between: what one
// token costs a language model in GGUF.
//
// The specification is RowProducts.plain over what BlockDecoder.plain gives, and every sum here equals it to the last
// bit: sixteen lanes, each column in the lane of its number modulo 16, in ascending order, rounded once with its product.
// So every value has to come out as decoding rounds it. What follows is of sixteen lanes; eight_blocks.h is the way of
// eight. Most numbers are looked up among the values of their block: those
// of Q2_K, Q3_K, Q4_*, Q5_*, IQ4_* and MXFP4. Those of Q8_0 are converted, and those of Q6_K moved into the mantissa of a
// float. Where a scale is no finite number a sum is none either, though perhaps another one.
//
// These products wait for execution units. Of the four vector pipes of a Zen 4, 256 bits wide, two multiply, two others
// add, shift and convert, and two permute, one of them a multiplying one. A broadcast from memory is a permutation unless
// it is an operand of arithmetic, and then costs nothing: so a value is number · scale − offset, product and difference
// apart. The scales of four rows' blocks come through general registers for the same reason.
//
// On one core of an EPYC (Zen 4, 3.7 GHz; clang -O2 -march=native, best of 200), 10⁹ elements a second, rows of 1024
// columns from the second cache: Q8_0 20.1, Q4_1 21.7, Q5_0 16.7, Q2_K 20.0, Q3_K 18.6, Q4_K 21.4, Q5_K 14.6, Q6_K 16.6,
// IQ4_XS 22.3. With fused products, broadcasts apart and the numbers of Q3_K and Q5_K in mantissas: Q4_1 20.4, Q2_K 16.3,
// Q3_K 14.9, Q4_K 19.0, Q5_K 13.1, Q6_K 15.2.
// Before that, with the scales of sixteen blocks gathered, Qwen2.5-Coder-0.5B in Q5_0, Q8_0, Q6_K and Q4_K had 24.2
// tokens/s instead of 31.3 on one thread, Gemma 3 270M 42.4 instead of 57.6, SmolLM2 in Q4_1 85.7 instead of 112.5. On a
// Xeon (Sapphire Rapids) the products had taken Qwen from 9.0, with decoded rows in between, to 21.2 tokens/s.

// GGUF's numbers of types.
enum processor_type {
  processor_f32 = 0, processor_f16 = 1, processor_q4_0 = 2, processor_q4_1 = 3, processor_q5_0 = 6, processor_q5_1 = 7,
  processor_q8_0 = 8, processor_q2_k = 10, processor_q3_k = 11, processor_q4_k = 12, processor_q5_k = 13,
  processor_q6_k = 14, processor_iq4_nl = 20, processor_iq4_xs = 23, processor_bf16 = 30, processor_mxfp4 = 39
};

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VBMI__) && defined(__F16C__)
#include "block_parts.h"
#include "wide_parts.h"
#include "short_blocks.h"
#include "super_blocks.h"

// Sixteen floats in 32 or 16 bits.
PROCESSOR_INLINE __m512 processor_sixteen_of(enum processor_type type, const unsigned char *bytes) {
  if (type == processor_f32) return _mm512_loadu_ps(bytes);
  const __m256i halves = _mm256_loadu_si256((const __m256i *)bytes);
  if (type == processor_f16) return _mm512_cvtph_ps(halves);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

PROCESSOR_INLINE void processor_add_floats(
    enum processor_type type, int bytes, const unsigned char *const *rows, const float *x, long count,
    const unsigned char *ahead, __m512 *sums) {
  for (long index = 0; index < count; ++index) {
    processor_fetch(ahead + 4 * index * bytes, 4 * bytes);
    PROCESSOR_UNROLLED for (int part = 0; part < 2; ++part) PROCESSOR_ROWS {
      const unsigned char *place = rows[row] + index * bytes + part * bytes / 2;
      processor_add(sums + row, x + 32 * index + 16 * part, processor_sixteen_of(type, place));
    }
  }
}

typedef __m512 processor_sum;

PROCESSOR_INLINE processor_four processor_totals(const processor_sum *sums) {
  const processor_sixteen folded = processor_pair_sums(
      processor_pair_sums((processor_sixteen)sums[0], (processor_sixteen)sums[1]),
      processor_pair_sums((processor_sixteen)sums[2], (processor_sixteen)sums[3]));
  const processor_sixteen totals = processor_quad_sums(processor_quad_sums(folded, folded), folded);
  return __builtin_shufflevector(totals, totals, 0, 1, 2, 3);
}
#elif defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#include "block_parts.h"
#include "eight_blocks.h"
#endif

// Whether this processor has such products.
static inline int processor_multiplies_blocks(void) {
#if defined(PROCESSOR_INLINE)
  return 1;
#else
  return 0;
#endif
}

// The products of x with four rows of `columns` numbers, a multiple of 32 and of a block. What is at `ahead`, four rows,
// will be read soon. Zeros where there are no such products.
static inline processor_four processor_block_products(
    enum processor_type type, const void *first, const void *second, const void *third, const void *fourth,
    const float *x, long columns, const void *ahead) {
#if defined(PROCESSOR_INLINE)
  const unsigned char *const rows[4] = {first, second, third, fourth};
  processor_sum sums[4];
  __builtin_memset(sums, 0, sizeof sums);
  switch (type) {
#define PROCESSOR_CASE(type, length, bytes, add) \
  case type: add(type, bytes, rows, x, columns / length, ahead, sums); break;
    PROCESSOR_CASE(processor_f32, 32, 128, processor_add_floats)
    PROCESSOR_CASE(processor_f16, 32, 64, processor_add_floats)
    PROCESSOR_CASE(processor_bf16, 32, 64, processor_add_floats)
    PROCESSOR_CASE(processor_q4_0, 32, 18, processor_add_shorts)
    PROCESSOR_CASE(processor_q4_1, 32, 20, processor_add_shorts)
    PROCESSOR_CASE(processor_q5_0, 32, 22, processor_add_shorts)
    PROCESSOR_CASE(processor_q5_1, 32, 24, processor_add_shorts)
    PROCESSOR_CASE(processor_q8_0, 32, 34, processor_add_shorts)
    PROCESSOR_CASE(processor_iq4_nl, 32, 18, processor_add_shorts)
    PROCESSOR_CASE(processor_mxfp4, 32, 17, processor_add_shorts)
    PROCESSOR_CASE(processor_q2_k, 256, 84, processor_add_supers)
    PROCESSOR_CASE(processor_q3_k, 256, 110, processor_add_supers)
    PROCESSOR_CASE(processor_q4_k, 256, 144, processor_add_supers)
    PROCESSOR_CASE(processor_q5_k, 256, 176, processor_add_supers)
    PROCESSOR_CASE(processor_q6_k, 256, 210, processor_add_supers)
    PROCESSOR_CASE(processor_iq4_xs, 256, 136, processor_add_supers)
#undef PROCESSOR_CASE
    default: return 0.0f;
  }
  return processor_totals(sums);
#else
  (void)type, (void)first, (void)second, (void)third, (void)fourth, (void)x, (void)columns, (void)ahead;
  return 0.0f;
#endif
}
