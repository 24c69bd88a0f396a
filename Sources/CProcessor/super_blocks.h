// Part of blocks.h: blocks of 256 numbers in sub-blocks.

// The scales of the sub-blocks of a block, sixteen or eight, and what is subtracted from scaled numbers.
// `scale_of_all` and `minimum_of_all` are what these are multiplied by.
PROCESSOR_INLINE void processor_read_super_scales(
    enum processor_type type, const unsigned char *block, __m512 scale_of_all, __m512 minimum_of_all, float *scales,
    float *offsets) {
  switch (type) {
    case processor_q2_k: {
      const __m512i own = processor_16(block);
      const __m512i scale = _mm512_and_si512(own, _mm512_set1_epi32(15)), minimum = _mm512_srli_epi32(own, 4);
      _mm512_storeu_ps(scales, _mm512_mul_ps(scale_of_all, _mm512_cvtepi32_ps(scale)));
      _mm512_storeu_ps(offsets, _mm512_mul_ps(minimum_of_all, _mm512_cvtepi32_ps(minimum)));
      break;
    }
    case processor_q3_k: {
      const __m512i centred = _mm512_sub_epi32(
          _mm512_cvtepu8_epi32(processor_sixes(type, block + 96)), _mm512_set1_epi32(32));
      _mm512_storeu_ps(scales, _mm512_mul_ps(scale_of_all, _mm512_cvtepi32_ps(centred)));
      break;
    }
    case processor_q6_k: {
      const __m512i own = _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(block + 192)));
      _mm512_storeu_ps(scales, _mm512_mul_ps(scale_of_all, _mm512_cvtepi32_ps(own)));
      break;
    }
    case processor_iq4_xs: {
      const __m512i four = _mm512_slli_epi32(processor_lanes(), 2), pair = _mm512_slli_epi32(processor_lanes(), 1);
      const __m512i lower = _mm512_srlv_epi32(_mm512_set1_epi32((int)processor_word(block + 4)), four);
      const __m512i upper = _mm512_srlv_epi32(_mm512_set1_epi32((int)(processor_word(block) >> 16)), pair);
      const __m512i own = _mm512_or_si512(
          _mm512_and_si512(lower, _mm512_set1_epi32(15)),
          _mm512_slli_epi32(_mm512_and_si512(upper, _mm512_set1_epi32(3)), 4));
      const __m512i centred = _mm512_sub_epi32(own, _mm512_set1_epi32(32));
      // Lanes above the eighth are never read.
      _mm512_storeu_ps(scales, _mm512_mul_ps(scale_of_all, _mm512_cvtepi32_ps(centred)));
      break;
    }
    default: {
      // Q4_K and Q5_K: eight scales, then eight minimums.
      const __m128i own = processor_sixes(type, block + 4);
      const __m512 both = _mm512_mask_mov_ps(scale_of_all, 0xFF00, minimum_of_all);
      const __m512 scaled = _mm512_mul_ps(both, _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(own)));
      _mm512_storeu_ps(scales, scaled);
      _mm512_storeu_ps(offsets, _mm512_castsi512_ps(_mm512_alignr_epi32(
          _mm512_castps_si512(scaled), _mm512_castps_si512(scaled), 8)));
    }
  }
}

// Numbers 64 · quarter … 64 · quarter + 63 of a block in the low bits of a byte each: three of Q3_K, five of Q5_K, six of
// Q6_K. What is in the other bits is of no meaning.
PROCESSOR_INLINE __m512i processor_quarter(enum processor_type type, const unsigned char *block, int quarter) {
  const int half = quarter / 2, odd = quarter % 2;
  const __m512i four = _mm512_set1_epi8(15);
  switch (type) {
    case processor_q3_k: {
      const __m512i pairs = _mm512_srlv_epi64(
          processor_twice_32(block + 32 + 32 * half), processor_halves_of(4 * odd, 4 * odd + 2));
      // The third bits of 32 numbers are bits 2 · quarter, those of the other 32 the next ones; here both are bit 2.
      const __m512i thirds = quarter == 0
          ? _mm512_sllv_epi64(processor_twice_32(block), processor_halves_of(2, 1))
          : _mm512_srlv_epi64(processor_twice_32(block), processor_halves_of(2 * quarter - 2, 2 * quarter - 1));
      return processor_select(_mm512_set1_epi8(3), pairs, thirds);
    }
    case processor_q5_k: {
      const __m512i numbers = _mm512_srlv_epi64(
          processor_twice_32(block + 48 + 32 * quarter), processor_halves_of(0, 4));
      const __m512i bits = processor_twice_32(block + 16);
      // Bits 2 · quarter and the next one; here both are bit 4.
      const __m512i fifths = quarter < 2
          ? _mm512_sllv_epi64(bits, processor_halves_of(4 - 2 * quarter, 3 - 2 * quarter))
          : _mm512_srlv_epi64(bits, processor_halves_of(2 * quarter - 4, 2 * quarter - 3));
      return processor_select(four, numbers, fifths);
    }
    default: {
      const __m512i pairs = _mm512_loadu_si512(block + 64 * half);
      const __m512i bits = processor_twice_32(block + 128 + 32 * half);
      const __m512i numbers = odd
          ? processor_select(
              four, _mm512_srli_epi16(pairs, 4), _mm512_srlv_epi64(bits, processor_halves_of(0, 2)))
          : processor_select(four, pairs, _mm512_sllv_epi64(bits, processor_halves_of(4, 2)));
      return numbers;
    }
  }
}

// The scales of the sub-blocks of four rows' blocks, and what is subtracted from scaled numbers.
struct processor_sub_scales {
  float scales[4][16], offsets[4][16];
};

PROCESSOR_INLINE void processor_read_all_scales(
    enum processor_type type, const unsigned char *const *blocks, struct processor_sub_scales *read) {
  float own[4], minimums[4];
  const int place = processor_scale_place(type);
  _mm_storeu_ps(own, _mm_cvtph_ps(processor_of_rows(blocks, place, 2)));
  if (type == processor_q2_k || type == processor_q4_k || type == processor_q5_k) {
    _mm_storeu_ps(minimums, _mm_cvtph_ps(processor_of_rows(blocks, place + 2, 2)));
  }
  PROCESSOR_KEEP(own);
  PROCESSOR_KEEP(minimums);
  PROCESSOR_ROWS {
    processor_read_super_scales(
        type, blocks[row], _mm512_set1_ps(own[row]), _mm512_set1_ps(minimums[row]), read->scales[row],
        read->offsets[row]);
  }
  PROCESSOR_KEEP(read);
}

// One block of each of the four rows.
PROCESSOR_INLINE void processor_add_super(
    enum processor_type type, const unsigned char *const *blocks, const struct processor_sub_scales *read, const float *x,
    __m512 *sums) {
  const float (*const scales)[16] = read->scales, (*const offsets)[16] = read->offsets;
  const __m512 codes = processor_codes(type);
  const __m512 later = _mm512_add_ps(codes, _mm512_set1_ps(16));
  const __m512 centred = _mm512_set_ps(3, 2, 1, 0, -1, -2, -3, -4, 3, 2, 1, 0, -1, -2, -3, -4);
  const __m512 lower = _mm512_set_ps(3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0);
  const __m512 upper = _mm512_set_ps(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0);
  switch (type) {
    case processor_q2_k:
      // Four bits of a byte are two numbers: the lower is looked up in one table, the upper in another.
      PROCESSOR_UNROLLED for (int half = 0; half < 2; ++half) {
        __m512i numbers[4][2];
        PROCESSOR_ROWS {
          numbers[row][0] = processor_16(blocks[row] + 16 + 32 * half);
          numbers[row][1] = processor_16(blocks[row] + 32 + 32 * half);
        }
        PROCESSOR_UNROLLED for (int part = 0; part < 8; ++part) PROCESSOR_ROWS {
          const int index = 8 * half + part;
          __m512 values = processor_scaled_less(
              part / 2 % 2 == 0 ? lower : upper, scales[row] + index, offsets[row] + index);
          PROCESSOR_OPAQUE(values);
          const __m512i places = _mm512_srli_epi32(numbers[row][part % 2], part / 4 * 4);
          processor_add(sums + row, x + 16 * index, _mm512_permutexvar_ps(places, values));
        }
      }
      break;
    case processor_q4_k:
      PROCESSOR_UNROLLED for (int run = 0; run < 4; ++run) {
        __m512i numbers[4][2];
        __m512 values[4];
        PROCESSOR_ROWS {
          numbers[row][0] = processor_16(blocks[row] + 16 + 32 * run);
          numbers[row][1] = processor_16(blocks[row] + 32 + 32 * run);
        }
        PROCESSOR_UNROLLED for (int part = 0; part < 4; ++part) PROCESSOR_ROWS {
          const int index = 2 * run + part / 2;
          if (part % 2 == 0) {
            values[row] = processor_scaled_less(codes, scales[row] + index, offsets[row] + index);
          }
          const __m512i places = _mm512_srli_epi32(numbers[row][part % 2], part / 2 * 4);
          processor_add(sums + row, x + 64 * run + 16 * part, _mm512_permutexvar_ps(places, values[row]));
        }
      }
      break;
    case processor_iq4_xs:
      PROCESSOR_UNROLLED for (int part = 0; part < 8; ++part) PROCESSOR_ROWS {
        const __m512 values = processor_scaled(codes, scales[row] + part);
        processor_add_pairs(sums + row, x + 32 * part, blocks[row] + 8 + 16 * part, values);
      }
      break;
    default:
      PROCESSOR_UNROLLED for (int quarter = 0; quarter < 4; ++quarter) {
        __m512i numbers[4];
        __m512 below[4], above[4];
        PROCESSOR_ROWS numbers[row] = processor_transposed(processor_quarter(type, blocks[row], quarter));
        PROCESSOR_UNROLLED for (int part = 0; part < 4; ++part) {
          const int index = type == processor_q5_k ? 2 * quarter + part / 2 : 4 * quarter + part;
          if (type == processor_q5_k && part % 2 == 0) {
            PROCESSOR_ROWS below[row] = processor_scaled_less(codes, scales[row] + index, offsets[row] + index);
            PROCESSOR_KEEP(read);
            PROCESSOR_ROWS above[row] = processor_scaled_less(later, scales[row] + index, offsets[row] + index);
            PROCESSOR_KEEP(read);
          }
          PROCESSOR_ROWS {
            const __m512i places = _mm512_srli_epi32(numbers[row], 8 * part);
            __m512 value;
            if (type == processor_q3_k) {
              __m512 values = processor_scaled(centred, scales[row] + index);
              PROCESSOR_OPAQUE(values);
              value = _mm512_permutexvar_ps(places, values);
            } else if (type == processor_q5_k) {
              value = _mm512_permutex2var_ps(below[row], places, above[row]);
            } else {
              value = processor_scaled(processor_below_64(numbers[row], part), scales[row] + index);
            }
            processor_add(sums + row, x + 64 * quarter + 16 * part, value);
          }
        }
      }
  }
}

PROCESSOR_INLINE void processor_add_supers(
    enum processor_type type, int bytes, const unsigned char *const *rows, const float *x, long count,
    const unsigned char *ahead, __m512 *sums) {
  for (long place = 0; place < count * bytes; place += bytes) {
    const unsigned char *const blocks[4] = {rows[0] + place, rows[1] + place, rows[2] + place, rows[3] + place};
    struct processor_sub_scales read;
    processor_fetch(ahead + 4 * place, 4 * bytes);
    processor_read_all_scales(type, blocks, &read);
    processor_add_super(type, blocks, &read, x, sums);
    x += 256;
  }
}
