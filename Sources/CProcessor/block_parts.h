// Parts of blocks.h: what its products are made of.

#define PROCESSOR_INLINE static inline __attribute__((always_inline))
#define PROCESSOR_UNROLLED _Pragma("clang loop unroll(full)")
#define PROCESSOR_ROWS PROCESSOR_UNROLLED for (int row = 0; row < 4; ++row)

PROCESSOR_INLINE unsigned processor_word(const unsigned char *bytes) {
  unsigned word;
  __builtin_memcpy(&word, bytes, sizeof word);
  return word;
}

// One or two bytes at a place in a block of each of the four rows, sixteen bits for each.
PROCESSOR_INLINE __m128i processor_of_rows(const unsigned char *const *blocks, int place, int bytes) {
  unsigned long long four = 0;
  PROCESSOR_ROWS {
    unsigned short number = 0;
    __builtin_memcpy(&number, blocks[row] + place, bytes);
    four |= (unsigned long long)number << 16 * row;
  }
  // Put together in a general register, for it is the vector units that these products wait for; the compiler would use
  // those.
  __asm__("" : "+r"(four));
  return _mm_cvtsi64_si128((long long)four);
}

// Sixteen bytes of four words.
PROCESSOR_INLINE __m128i processor_of_words(unsigned first, unsigned second, unsigned third, unsigned fourth) {
  unsigned long long low = first | (unsigned long long)second << 32, high = third | (unsigned long long)fourth << 32;
  __asm__("" : "+r"(low), "+r"(high));
  return _mm_set_epi64x((long long)high, (long long)low);
}

// What is in memory stays there: read from it every lane has the number at no cost, while a compiler that knows it moves
// it between lanes.
#define PROCESSOR_KEEP(numbers) __asm__ volatile("" : : "r"(numbers) : "memory")

// Asks for a part of what comes next.
PROCESSOR_INLINE void processor_fetch(const unsigned char *ahead, int bytes) {
  for (int line = 0; line < bytes; line += 64) __builtin_prefetch(ahead + line, 0, 3);
}

// Where a block has the scale of its sub-blocks' scales; that of their minimums follows it.
PROCESSOR_INLINE int processor_scale_place(enum processor_type type) {
  switch (type) {
    case processor_q2_k: return 80;
    case processor_q3_k: return 108;
    case processor_q6_k: return 208;
    default: return 0;
  }
}

// The numbers of six bits that Q3_K, Q4_K and Q5_K pack into twelve bytes: sixteen scales, or eight and then eight
// minimums.
PROCESSOR_INLINE __m128i processor_sixes(enum processor_type type, const unsigned char *packed) {
  const unsigned low = 0x0F0F0F0F, two = 0x03030303, six = 0x3F3F3F3F;
  const unsigned first = processor_word(packed), second = processor_word(packed + 4), third = processor_word(packed + 8);
  if (type == processor_q3_k) {
    return processor_of_words(
        (first & low) | (third & two) << 4, (second & low) | (third >> 2 & two) << 4,
        (first >> 4 & low) | (third >> 4 & two) << 4, (second >> 4 & low) | (third >> 6 & two) << 4);
  }
  return processor_of_words(
      first & six, (third & low) | (first >> 6 & two) << 4, second & six, (third >> 4 & low) | (second >> 6 & two) << 4);
}
