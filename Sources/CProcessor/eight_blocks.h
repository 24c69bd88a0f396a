// Part of blocks.h: the same products where vectors have eight lanes and there are sixteen of them (AVX2).
//
// To look up eight numbers in a table of sixteen would take two permutations and a blend: here numbers are unpacked into
// bytes, and these converted. They go through memory, for read from there a byte comes to its lane at no cost to the units that
// move and multiply: eight numbers take 1.0 cycles then, and 1.3 where they are moved between lanes. 256 columns are
// unpacked before the first are multiplied: what has just been written takes long to read.
//
// On one core of an EPYC (Zen 3, 3.05 GHz, others at work beside it; best of many), 10⁹ elements a second, rows of 1024
// columns from the second cache: Q4_0 12.9, Q4_1 12.3, Q5_0 11.4, Q8_0 14.9, Q2_K 12.2, Q3_K 11.4, Q4_K 12.7, Q5_K 11.5,
// Q6_K 11.4, IQ4_XS 12.4. Decoded into a buffer and then multiplied: Q4_0 6.1, Q4_1 6.0, Q5_0 4.9, Q8_0 6.4, Q2_K 5.0,
// Q3_K 2.9, Q4_K 5.3, Q5_K 3.4, Q6_K 5.1, IQ4_XS 1.0.

// Lanes 0 … 7 and 8 … 15 of a row's sum.
typedef struct {
  __m256 halves[2];
} processor_sum;

// 256 columns of four rows at most, 32 at a time. Scales of blocks of 32 are those of four rows, then those of the next
// blocks; scales of sub-blocks are sixteen of a row, then those of the next row.
struct processor_unpacked {
  unsigned char numbers[8][4][32] __attribute__((aligned(32)));
  float scales[64], offsets[64];
};

PROCESSOR_INLINE processor_four processor_totals(const processor_sum *sums) {
  processor_four totals[2];
  PROCESSOR_UNROLLED for (int half = 0; half < 2; ++half) {
    totals[half] = processor_four_sums(
        (processor_eight)sums[0].halves[half], (processor_eight)sums[1].halves[half],
        (processor_eight)sums[2].halves[half], (processor_eight)sums[3].halves[half]);
  }
  return totals[0] + totals[1];
}

// Bytes whose bits `first` and up come to bit `to` and up. What comes from the byte beside it is of no meaning.
PROCESSOR_INLINE __m256i processor_moved(__m256i bytes, int first, int to) {
  return first < to ? _mm256_slli_epi16(bytes, to - first) : _mm256_srli_epi16(bytes, first - to);
}
// Of 32 bytes the bits of `mask`.
PROCESSOR_INLINE __m256i processor_masked(__m256i bytes, int mask) {
  return _mm256_and_si256(bytes, _mm256_set1_epi8((char)mask));
}
PROCESSOR_INLINE __m256i processor_32(const unsigned char *bytes) {
  return _mm256_loadu_si256((const __m256i *)bytes);
}

// 16 bytes of two numbers of four bits: the lower ones, then the upper.
PROCESSOR_INLINE __m256i processor_nibbles(const unsigned char *pairs) {
  const __m256i twice = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)pairs));
  return processor_masked(_mm256_srlv_epi64(twice, _mm256_setr_epi64x(0, 0, 4, 4)), 15);
}

// The same, and what these stand for.
PROCESSOR_INLINE __m256i processor_codes(enum processor_type type, const unsigned char *pairs) {
  const __m128i codes = type == processor_mxfp4
      ? _mm_setr_epi8(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)
      : _mm_setr_epi8(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(codes), processor_nibbles(pairs));
}

// Numbers of five bits, their fifth ones before the others; those of Q5_0 less 16.
PROCESSOR_INLINE __m256i processor_fives(enum processor_type type, const unsigned char *fifths) {
  // Every byte gets the one that has its bit.
  const long long one = 0x0101010101010101;
  const __m256i own = _mm256_set1_epi64x((long long)0x8040201008040201);
  const __m256i bytes = _mm256_shuffle_epi8(
      _mm256_set1_epi32((int)processor_word(fifths)), _mm256_setr_epi64x(0, one, 2 * one, 3 * one));
  const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, own), own);
  return _mm256_or_si256(processor_nibbles(fifths + 4), type == processor_q5_0
      ? _mm256_andnot_si256(set, _mm256_set1_epi8(-16)) : processor_masked(set, 16));
}

// Numbers 32 · group … 32 · group + 31 of a block.
PROCESSOR_INLINE __m256i processor_numbers(enum processor_type type, const unsigned char *block, int group) {
  // A half of a block of 256 has 128 numbers, a quarter of that 32; a run has 64.
  const int half = group / 4, quarter = group % 4, run = group / 2, upper = group % 2;
  switch (type) {
    case processor_q4_0: return _mm256_sub_epi8(processor_nibbles(block + 2), _mm256_set1_epi8(8));
    case processor_q4_1: return processor_nibbles(block + 4);
    case processor_q5_0: return processor_fives(type, block + 2);
    case processor_q5_1: return processor_fives(type, block + 4);
    case processor_iq4_nl: return processor_codes(type, block + 2);
    case processor_mxfp4: return processor_codes(type, block + 1);
    case processor_iq4_xs: return processor_codes(type, block + 8 + 16 * group);
    case processor_q2_k: case processor_q3_k: {
      const unsigned char *fours = block + (type == processor_q2_k ? 16 : 32) + 32 * half;
      const __m256i pairs = processor_masked(processor_moved(processor_32(fours), 2 * quarter, 0), 3);
      if (type == processor_q2_k) return pairs;
      // Less four where the third bit is not set.
      const __m256i thirds = processor_moved(processor_32(block), group, 2);
      return _mm256_sub_epi8(pairs, _mm256_andnot_si256(thirds, _mm256_set1_epi8(4)));
    }
    case processor_q4_k: return processor_masked(processor_moved(processor_32(block + 16 + 32 * run), 4 * upper, 0), 15);
    case processor_q5_k: {
      const __m256i fours = processor_masked(processor_moved(processor_32(block + 48 + 32 * run), 4 * upper, 0), 15);
      return _mm256_or_si256(fours, processor_masked(processor_moved(processor_32(block + 16), group, 4), 16));
    }
    case processor_q6_k: {
      const __m256i bytes = processor_32(block + 64 * half + 32 * (quarter % 2));
      const __m256i fours = processor_masked(processor_moved(bytes, quarter / 2 * 4, 0), 15);
      const __m256i pairs = processor_moved(processor_32(block + 128 + 32 * half), 2 * quarter, 4);
      return _mm256_sub_epi8(_mm256_or_si256(fours, processor_masked(pairs, 0x30)), _mm256_set1_epi8(32));
    }
    // Q8_0, whose numbers are read where they lie.
    default: return processor_32(block + 2);
  }
}

// Eight numbers: sum += x · (number · scale ± offset). Where there is an offset the product is exact (a number of at most
// 5 bits times a scale of 17), so that fused this is what it is apart.
PROCESSOR_INLINE void processor_add_eight(
    enum processor_type type, __m256 *sum, const float *x, const unsigned char *bytes, const float *scale,
    const float *offset) {
  const __m256 numbers = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)bytes)));
  const __m256 factor = _mm256_broadcast_ss(scale);
  __m256 values;
  switch (type) {
    case processor_q4_1: case processor_q5_1:
      values = _mm256_fmadd_ps(numbers, factor, _mm256_broadcast_ss(offset));
      break;
    case processor_q2_k: case processor_q4_k: case processor_q5_k:
      values = _mm256_fmsub_ps(numbers, factor, _mm256_broadcast_ss(offset));
      break;
    default: values = _mm256_mul_ps(numbers, factor);
  }
  *sum = _mm256_fmadd_ps(_mm256_loadu_ps(x), values, *sum);
}

// The scales of a block of 32 of each of the four rows, and what is added to scaled numbers where there is such a thing.
PROCESSOR_INLINE void processor_read_scales(
    enum processor_type type, const unsigned char *const *blocks, float *scales, float *offsets) {
  if (type == processor_mxfp4) {
    // 2^(e − 128): below 2 it is no normal number.
    const __m128i e = _mm_cvtepu16_epi32(processor_of_rows(blocks, 0, 1));
    const __m128i normal = _mm_slli_epi32(_mm_sub_epi32(e, _mm_set1_epi32(1)), 23);
    const __m128i least = _mm_sllv_epi32(_mm_set1_epi32(0x00200000), e);
    _mm_storeu_ps(scales, (__m128)_mm_blendv_epi8(normal, least, _mm_cmplt_epi32(e, _mm_set1_epi32(2))));
  } else {
    _mm_storeu_ps(scales, _mm_cvtph_ps(processor_of_rows(blocks, 0, 2)));
  }
  if (type == processor_q4_1 || type == processor_q5_1) {
    _mm_storeu_ps(offsets, _mm_cvtph_ps(processor_of_rows(blocks, 2, 2)));
  }
}

// The scales of the sub-blocks of IQ4_XS: four bits of each in a row, and two apart from them.
PROCESSOR_INLINE __m128i processor_uneven_scales(const unsigned char *block) {
  const __m128i pairs = _mm_cvtsi32_si128((int)processor_word(block + 4));
  const __m128i low = _mm_and_si128(_mm_unpacklo_epi8(pairs, _mm_srli_epi16(pairs, 4)), _mm_set1_epi8(15));
  // Four bits to every 32, and from there two to every sixteen.
  const __m128i fours = _mm_srlv_epi32(
      _mm_set1_epi32((int)(processor_word(block) >> 16)), _mm_setr_epi32(0, 4, 8, 12));
  const __m128i high = _mm_and_si128(
      _mm_or_si128(_mm_slli_epi32(fours, 4), _mm_slli_epi32(fours, 18)), _mm_set1_epi32(0x00300030));
  return _mm_sub_epi8(_mm_or_si128(low, _mm_packus_epi16(high, high)), _mm_set1_epi8(32));
}

// Eight bytes, scaled.
PROCESSOR_INLINE void processor_scale_eight(__m128i numbers, float scale, float *scaled) {
  const __m256 own = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(numbers));
  _mm256_storeu_ps(scaled, _mm256_mul_ps(own, _mm256_set1_ps(scale)));
}

// The scales of the sub-blocks of a block of each of the four rows, and what is subtracted from scaled numbers.
PROCESSOR_INLINE void processor_read_super_scales(
    enum processor_type type, const unsigned char *const *blocks, struct processor_unpacked *unpacked) {
  const int start = processor_scale_place(type);
  const __m128i four = _mm_set1_epi8(15);
  float all[4], minimums[4] = {0};
  _mm_storeu_ps(all, _mm_cvtph_ps(processor_of_rows(blocks, start, 2)));
  if (type == processor_q2_k || type == processor_q4_k || type == processor_q5_k) {
    _mm_storeu_ps(minimums, _mm_cvtph_ps(processor_of_rows(blocks, start + 2, 2)));
  }
  PROCESSOR_KEEP(all);
  PROCESSOR_KEEP(minimums);
  PROCESSOR_ROWS {
    float *const scales = unpacked->scales + 16 * row, *const offsets = unpacked->offsets + 16 * row;
    __m128i own;
    switch (type) {
      case processor_q2_k: {
        const __m128i both = _mm_loadu_si128((const __m128i *)blocks[row]);
        const __m128i upper = _mm_and_si128(_mm_srli_epi16(both, 4), four);
        own = _mm_and_si128(both, four);
        processor_scale_eight(upper, minimums[row], offsets);
        processor_scale_eight(_mm_srli_si128(upper, 8), minimums[row], offsets + 8);
        break;
      }
      case processor_q3_k: own = _mm_sub_epi8(processor_sixes(type, blocks[row] + 96), _mm_set1_epi8(32)); break;
      case processor_q6_k: own = _mm_loadu_si128((const __m128i *)(blocks[row] + 192)); break;
      case processor_iq4_xs: own = processor_uneven_scales(blocks[row]); break;
      default:
        own = processor_sixes(type, blocks[row] + 4);
        processor_scale_eight(_mm_srli_si128(own, 8), minimums[row], offsets);
    }
    processor_scale_eight(own, all[row], scales);
    if (type == processor_q2_k || type == processor_q3_k || type == processor_q6_k) {
      processor_scale_eight(_mm_srli_si128(own, 8), all[row], scales + 8);
    }
  }
}

// `count` blocks of 32 of each of the four rows, or one of 256, from the rows' places on.
PROCESSOR_INLINE void processor_unpack(
    enum processor_type type, int length, int bytes, const unsigned char *const *places, int count,
    struct processor_unpacked *unpacked) {
  if (length == 256) {
    processor_read_super_scales(type, places, unpacked);
    PROCESSOR_UNROLLED for (int group = 0; group < 8; ++group) PROCESSOR_ROWS {
      _mm256_store_si256((__m256i *)unpacked->numbers[group][row], processor_numbers(type, places[row], group));
    }
    return;
  }
  for (int index = 0; index < count; ++index) {
    const int place = index * bytes;
    const unsigned char *const blocks[4] = {places[0] + place, places[1] + place, places[2] + place, places[3] + place};
    processor_read_scales(type, blocks, unpacked->scales + 4 * index, unpacked->offsets + 4 * index);
    // The numbers of Q8_0 are bytes already.
    if (type == processor_q8_0) continue;
    PROCESSOR_ROWS {
      _mm256_store_si256((__m256i *)unpacked->numbers[index][row], processor_numbers(type, blocks[row], 0));
    }
  }
}

PROCESSOR_INLINE void processor_add_blocks(
    enum processor_type type, int length, int bytes, const unsigned char *const *rows, const float *x, long count,
    const unsigned char *ahead, processor_sum *sums) {
  // Sixteen numbers or 32 have a scale of their own.
  const int width = type == processor_q4_k || type == processor_q5_k || type == processor_iq4_xs ? 2 : 1;
  const int most = 256 / length, stride = bytes * 32 / length;
  struct processor_unpacked unpacked;
  for (long start = 0; start < count; start += most) {
    const int some = count - start < most ? (int)(count - start) : most;
    const long place = start * bytes;
    const unsigned char *const places[4] = {rows[0] + place, rows[1] + place, rows[2] + place, rows[3] + place};
    processor_unpack(type, length, bytes, places, some, &unpacked);
    PROCESSOR_KEEP(&unpacked);
    for (int group = 0; group < some * length / 32; ++group) {
      processor_fetch(ahead + 4 * (place + group * stride), 4 * stride);
      PROCESSOR_ROWS {
        const unsigned char *numbers =
            type == processor_q8_0 ? places[row] + group * stride + 2 : unpacked.numbers[group][row];
        PROCESSOR_UNROLLED for (int part = 0; part < 4; ++part) {
          const int own = length == 32 ? 4 * group + row : 16 * row + (2 * group + part / 2) / width;
          processor_add_eight(
              type, sums[row].halves + part % 2, x + 32 * group + 8 * part, numbers + 8 * part, unpacked.scales + own,
              unpacked.offsets + own);
        }
        // Rows come one after the other: there are no registers for more.
        PROCESSOR_KEEP(x);
      }
    }
    x += some * length;
  }
}

PROCESSOR_INLINE void processor_add_shorts(
    enum processor_type type, int bytes, const unsigned char *const *rows, const float *x, long count,
    const unsigned char *ahead, processor_sum *sums) {
  processor_add_blocks(type, 32, bytes, rows, x, count, ahead, sums);
}

PROCESSOR_INLINE void processor_add_supers(
    enum processor_type type, int bytes, const unsigned char *const *rows, const float *x, long count,
    const unsigned char *ahead, processor_sum *sums) {
  processor_add_blocks(type, 256, bytes, rows, x, count, ahead, sums);
}

// Floats in 32 or 16 bits.
PROCESSOR_INLINE void processor_add_floats(
    enum processor_type type, int bytes, const unsigned char *const *rows, const float *x, long count,
    const unsigned char *ahead, processor_sum *sums) {
  for (long index = 0; index < count; ++index) {
    processor_fetch(ahead + 4 * index * bytes, 4 * bytes);
    PROCESSOR_UNROLLED for (int part = 0; part < 4; ++part) {
      const __m256 own = _mm256_loadu_ps(x + 32 * index + 8 * part);
      PROCESSOR_ROWS {
        const unsigned char *place = rows[row] + index * bytes + part * bytes / 4;
        __m256 values;
        switch (type) {
          case processor_f32: values = _mm256_loadu_ps((const float *)place); break;
          case processor_f16: values = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)place)); break;
          default:
            values = (__m256)_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)place)), 16);
        }
        sums[row].halves[part % 2] = _mm256_fmadd_ps(own, values, sums[row].halves[part % 2]);
      }
    }
  }
}
