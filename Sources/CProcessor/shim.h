// What the processor can do and Swift has no words for: hints, which change no result, moves between lanes, and looking
// up in registers.

#if defined(__AVX512F__) || defined(__F16C__)
#include <immintrin.h>
#endif

// Swift's SIMD16<Float>.
typedef float processor_sixteen __attribute__((ext_vector_type(16)));
typedef signed char processor_sixteen_bytes __attribute__((ext_vector_type(16)));

// Sums of neighbouring lanes. In every four lanes two are of the first vector, then two of the second: the moves for
// that stay within four lanes, which is the least work for the processor.
static inline processor_sixteen processor_pair_sums(processor_sixteen first, processor_sixteen second) {
  return __builtin_shufflevector(first, second, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30)
       + __builtin_shufflevector(first, second, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
}

// Sums of neighbouring groups of four lanes, lane by lane: two groups of the first vector, then two of the second.
static inline processor_sixteen processor_quad_sums(processor_sixteen first, processor_sixteen second) {
  return __builtin_shufflevector(first, second, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
       + __builtin_shufflevector(first, second, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

// The thread is waiting for memory that another one will write.
static inline void processor_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

// The cache line at this address will be read soon, from the second cache; any address will do, mapped or not.
static inline void processor_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }

// The number whose bits in half precision these are.
//
// Left to itself the compiler reads them into a part of a vector, and a loop then waits for what was in the rest of it:
// blocks of 32 decoded at a third of the speed.
static inline float processor_half(unsigned short bits) {
#if defined(__F16C__)
  unsigned whole = bits;
  __asm__("" : "+r"(whole));
  return _cvtsh_ss((unsigned short)whole);
#else
  _Float16 number;
  __builtin_memcpy(&number, &bits, sizeof number);
  return (float)number;
#endif
}

// Pairs of numbers below 16 as multiples of a scale, counted from a zero, above a minimum:
// low[i] = scale * (pairs[i] % 16 - zero) + minimum, high[i] = scale * (pairs[i] / 16 - zero) + minimum.
//
// The scale has at most 20 significant bits, so that every product is exact and the sum alone is rounded.
static inline void processor_expand_pairs_plain(
    float scale, float zero, float minimum, const unsigned char *restrict pairs, float *restrict low,
    float *restrict high) {
  for (int index = 0; index < 16; ++index) {
    low[index] = scale * ((float)(pairs[index] & 15) - zero) + minimum;
    high[index] = scale * ((float)(pairs[index] >> 4) - zero) + minimum;
  }
}

// As above. There are sixteen different values: where a register holds them all they are computed once and looked up.
static inline void processor_expand_pairs(
    float scale, float zero, float minimum, const unsigned char *restrict pairs, float *restrict low,
    float *restrict high) {
#if defined(__AVX512F__)
  const __m512 numbers = _mm512_set_ps(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  __m512 values = _mm512_fmadd_ps(
      _mm512_set1_ps(scale), _mm512_sub_ps(numbers, _mm512_set1_ps(zero)), _mm512_set1_ps(minimum));
  __m512i places = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)pairs));
  // The instruction reads the low four bits of a place alone.
  _mm512_storeu_ps(low, _mm512_permutexvar_ps(places, values));
  _mm512_storeu_ps(high, _mm512_permutexvar_ps(_mm512_srli_epi32(places, 4), values));
#else
  processor_expand_pairs_plain(scale, zero, minimum, pairs, low, high);
#endif
}

// 32 whole numbers as multiples of a scale.
static inline void processor_expand_bytes(
    float scale, const signed char *restrict bytes, float *restrict values) {
  for (int start = 0; start < 32; start += 16) {
    processor_sixteen_bytes numbers;
    __builtin_memcpy(&numbers, bytes + start, sizeof numbers);
    processor_sixteen products = scale * __builtin_convertvector(numbers, processor_sixteen);
    __builtin_memcpy(values + start, &products, sizeof products);
  }
}
