// What the processor can do and Swift has no words for: hints, which change no result, and looking up in registers.

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

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

// Pairs of numbers below 16 as multiples of a scale, counted from a zero, above a minimum, each rounded once:
// low[i] = scale * (pairs[i] % 16 - zero) + minimum, high[i] = scale * (pairs[i] / 16 - zero) + minimum.
//
// There are sixteen different values: where a register holds them all they are computed once and looked up.
static inline void processor_expand_pairs(
    float scale, float zero, float minimum, const unsigned char *pairs, float *low, float *high) {
#if defined(__AVX512F__)
  const __m512 numbers = _mm512_set_ps(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  __m512 values = _mm512_fmadd_ps(
      _mm512_set1_ps(scale), _mm512_sub_ps(numbers, _mm512_set1_ps(zero)), _mm512_set1_ps(minimum));
  __m512i places = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)pairs));
  // The instruction reads the low four bits of a place alone.
  _mm512_storeu_ps(low, _mm512_permutexvar_ps(places, values));
  _mm512_storeu_ps(high, _mm512_permutexvar_ps(_mm512_srli_epi32(places, 4), values));
#else
  for (int index = 0; index < 16; ++index) {
    low[index] = __builtin_fmaf(scale, (float)(pairs[index] & 15) - zero, minimum);
    high[index] = __builtin_fmaf(scale, (float)(pairs[index] >> 4) - zero, minimum);
  }
#endif
}
