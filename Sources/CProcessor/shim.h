// What the processor can do and Swift has no words for: hints, which change no result, moves between lanes, and looking
// up in registers.

#if defined(__AVX512F__) || defined(__F16C__)
#include <immintrin.h>
#endif

// Swift's SIMD4, SIMD8 and SIMD16 of Float, and its SIMD16 of Int32, UInt8 and Int8.
typedef float processor_four __attribute__((ext_vector_type(4)));
typedef float processor_eight __attribute__((ext_vector_type(8)));
typedef float processor_sixteen __attribute__((ext_vector_type(16)));
typedef int processor_sixteen_integers __attribute__((ext_vector_type(16)));
typedef unsigned char processor_sixteen_numbers __attribute__((ext_vector_type(16)));
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

// The sums of all lanes of four vectors: neighbouring lanes are added until one is left.
static inline processor_four processor_four_sums(
    processor_eight first, processor_eight second, processor_eight third, processor_eight fourth) {
  const processor_eight low = __builtin_shufflevector(first, second, 0, 2, 8, 10, 4, 6, 12, 14)
                            + __builtin_shufflevector(first, second, 1, 3, 9, 11, 5, 7, 13, 15);
  const processor_eight high = __builtin_shufflevector(third, fourth, 0, 2, 8, 10, 4, 6, 12, 14)
                             + __builtin_shufflevector(third, fourth, 1, 3, 9, 11, 5, 7, 13, 15);
  const processor_eight quads = __builtin_shufflevector(low, high, 0, 2, 8, 10, 4, 6, 12, 14)
                              + __builtin_shufflevector(low, high, 1, 3, 9, 11, 5, 7, 13, 15);
  return __builtin_shufflevector(quads, quads, 0, 1, 2, 3) + __builtin_shufflevector(quads, quads, 4, 5, 6, 7);
}

// Whether there are registers for twenty-four sums of sixteen lanes, as AVX-512 has them.
static inline int processor_has_room_for_wide_tiles(void) {
#if defined(__AVX512F__)
  return 1;
#else
  return 0;
#endif
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

// Sixteen numbers in half precision, at any address.
static inline processor_sixteen processor_halves(const void *bits) {
  typedef _Float16 halves __attribute__((ext_vector_type(16)));
  halves numbers;
  __builtin_memcpy(&numbers, bits, sizeof numbers);
  return __builtin_convertvector(numbers, processor_sixteen);
}

// Bytes as wider numbers, and whole numbers as floats, lane by lane.
static inline processor_sixteen_integers processor_widen(processor_sixteen_numbers numbers) {
  return __builtin_convertvector(numbers, processor_sixteen_integers);
}
static inline processor_sixteen processor_floats(processor_sixteen_integers numbers) {
  return __builtin_convertvector(numbers, processor_sixteen);
}

// The values at places below 16; of a place the low four bits count.
static inline processor_sixteen processor_look_up(processor_sixteen values, processor_sixteen_integers places) {
#if defined(__AVX512F__)
  return (processor_sixteen)_mm512_permutexvar_ps((__m512i)places, (__m512)values);
#else
  processor_sixteen found;
  for (int lane = 0; lane < 16; ++lane) found[lane] = values[places[lane] & 15];
  return found;
#endif
}

// Lane by lane the value, its sign turned where the bit is set; the lowest bit is the first lane's.
static inline processor_sixteen processor_turn_signs(processor_sixteen values, unsigned bits) {
  const processor_sixteen_integers own = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
  const processor_sixteen_integers all = (int)bits;
  const processor_sixteen_integers signs = ((all & own) != 0) & (int)0x80000000;
  return (processor_sixteen)((processor_sixteen_integers)values ^ signs);
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

// Orthonormal Walsh-Hadamard transform of 64 numbers, in place.
static inline void processor_turn(float *values) {
  enum { vectors = 4 };
  const processor_sixteen sign1 = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
  const processor_sixteen sign2 = {1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1};
  const processor_sixteen sign4 = {1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1};
  const processor_sixteen sign8 = {1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1};
  processor_sixteen turned[vectors];
  __builtin_memcpy(turned, values, sizeof turned);
  for (int index = 0; index < vectors; ++index) {
    processor_sixteen v = turned[index];
    v = v * sign1 + __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    v = v * sign2 + __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    v = v * sign4 + __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    v = v * sign8 + __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    turned[index] = v * 0.125f;
  }
  const processor_sixteen sum01 = turned[0] + turned[1], difference01 = turned[0] - turned[1];
  const processor_sixteen sum23 = turned[2] + turned[3], difference23 = turned[2] - turned[3];
  turned[0] = sum01 + sum23;
  turned[1] = difference01 + difference23;
  turned[2] = sum01 - sum23;
  turned[3] = difference01 - difference23;
  __builtin_memcpy(values, turned, sizeof turned);
}

// Whole numbers between -128 and 127 as bytes.
static inline processor_sixteen_bytes processor_narrow(processor_sixteen_integers numbers) {
  return __builtin_convertvector(numbers, processor_sixteen_bytes);
}

// Whether four products of bytes are added by one instruction, for sixteen sums at once.
static inline int processor_adds_byte_products(void) {
#if defined(__AVX512VNNI__)
  return 1;
#else
  return 0;
#endif
}

// The dot products of 32 rows with 8 tokens, sums[8][32]: the specification.
//
// rows[steps][32][4] has four columns of every row, then the next four; tokens[8][stride] has 4 * steps columns.
static inline void processor_byte_products_plain(
    const unsigned char *rows, const signed char *tokens, long stride, long steps, int *sums) {
  for (int token = 0; token < 8; ++token) {
    for (int row = 0; row < 32; ++row) {
      int sum = 0;
      for (long step = 0; step < steps; ++step) {
        for (int column = 0; column < 4; ++column) {
          sum += rows[(step * 32 + row) * 4 + column] * tokens[token * stride + 4 * step + column];
        }
      }
      sums[32 * token + row] = sum;
    }
  }
}

// The same, by the instruction where there is one.
static inline void processor_byte_products(
    const unsigned char *rows, const signed char *tokens, long stride, long steps, int *sums) {
#if defined(__AVX512VNNI__)
  __m512i low0 = _mm512_setzero_si512(), low1 = low0, low2 = low0, low3 = low0;
  __m512i low4 = low0, low5 = low0, low6 = low0, low7 = low0;
  __m512i high0 = low0, high1 = low0, high2 = low0, high3 = low0;
  __m512i high4 = low0, high5 = low0, high6 = low0, high7 = low0;
  for (long step = 0; step < steps; ++step) {
    const __m512i low = _mm512_loadu_si512(rows + 128 * step);
    const __m512i high = _mm512_loadu_si512(rows + 128 * step + 64);
    const signed char *columns = tokens + 4 * step;
    int four;
    __m512i token;
#define PROCESSOR_ADD(index)                                  \
  __builtin_memcpy(&four, columns + index * stride, 4);       \
  token = _mm512_set1_epi32(four);                            \
  low##index = _mm512_dpbusd_epi32(low##index, low, token);   \
  high##index = _mm512_dpbusd_epi32(high##index, high, token);
    PROCESSOR_ADD(0) PROCESSOR_ADD(1) PROCESSOR_ADD(2) PROCESSOR_ADD(3)
    PROCESSOR_ADD(4) PROCESSOR_ADD(5) PROCESSOR_ADD(6) PROCESSOR_ADD(7)
#undef PROCESSOR_ADD
  }
#define PROCESSOR_WRITE(index)                     \
  _mm512_storeu_si512(sums + 32 * index, low##index); \
  _mm512_storeu_si512(sums + 32 * index + 16, high##index);
  PROCESSOR_WRITE(0) PROCESSOR_WRITE(1) PROCESSOR_WRITE(2) PROCESSOR_WRITE(3)
  PROCESSOR_WRITE(4) PROCESSOR_WRITE(5) PROCESSOR_WRITE(6) PROCESSOR_WRITE(7)
#undef PROCESSOR_WRITE
#else
  processor_byte_products_plain(rows, tokens, stride, steps, sums);
#endif
}

// The widest vectors, in bits, that this was compiled for; 0 for what every processor of the kind has.
static inline int processor_vectors_built(void) {
#if defined(__AVX512F__) && defined(__AVX512BW__)
  return 512;
#elif defined(__AVX2__) && defined(__FMA__)
  return 256;
#else
  return 0;
#endif
}

// The widest vectors that the processor has and that there are kernels for; 0 where nobody can say.
static inline int processor_vectors_here(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) return 512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 256;
#endif
  return 0;
}

// Whether this was compiled for the product of bytes (VNNI), and whether the processor has it.
static inline int processor_bytes_built(void) {
#if defined(__AVX512VNNI__)
  return 1;
#else
  return 0;
#endif
}
static inline int processor_bytes_here(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512vnni") != 0;
#else
  return 0;
#endif
}

// Whether the processor has everything that any kernel here uses: what a build for the newest would need.
static inline int processor_has_all_kernels(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi");
#else
  return 0;
#endif
}

#include "blocks.h"
