// Part of blocks.h: blocks of 256 numbers in sub-blocks.

// Where a block has the scale of its sub-blocks' scales; that of their minimums follows it.
PROCESSOR_INLINE int processor_scale_place(enum processor_type type) {
  switch (type) {
    case processor_q2_k: return 80;
    case processor_q3_k: return 108;
    case processor_q6_k: return 208;
    default: return 0;
  }
}

// The scales of the sub-blocks of a block, sixteen or eight, and what is added to scaled numbers or subtracted from them.
// `scale_of_all` and `minimum_of_all` are what these are multiplied by.
PROCESSOR_INLINE void processor_read_super_scales(
    enum processor_type type, const unsigned char *block, __m512 scale_of_all, __m512 minimum_of_all, float *scales,
    float *offsets) {
  const int low = 0x0F0F0F0F, two = 0x03030303, six = 0x3F3F3F3F;
  switch (type) {
    case processor_q2_k: {
      const __m512i own = processor_16(block);
      const __m512i scale = _mm512_and_si512(own, _mm512_set1_epi32(15)), minimum = _mm512_srli_epi32(own, 4);
      _mm512_storeu_ps(scales, _mm512_mul_ps(scale_of_all, _mm512_cvtepi32_ps(scale)));
      _mm512_storeu_ps(offsets, _mm512_mul_ps(minimum_of_all, _mm512_cvtepi32_ps(minimum)));
      break;
    }
    case processor_q3_k: {
      const unsigned first = processor_word(block + 96), second = processor_word(block + 100);
      const unsigned high = processor_word(block + 104);
      const __m128i own = processor_of_words(
          (first & low) | (high & two) << 4, (second & low) | (high >> 2 & two) << 4,
          (first >> 4 & low) | (high >> 4 & two) << 4, (second >> 4 & low) | (high >> 6 & two) << 4);
      const __m512i centred = _mm512_sub_epi32(_mm512_cvtepu8_epi32(own), _mm512_set1_epi32(32));
      const __m512 scale = _mm512_mul_ps(scale_of_all, _mm512_cvtepi32_ps(centred));
      _mm512_storeu_ps(scales, scale);
      _mm512_storeu_ps(offsets, _mm512_mul_ps(scale, _mm512_set1_ps(-132)));
      break;
    }
    case processor_q6_k: {
      const __m512i own = _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(block + 192)));
      const __m512 scale = _mm512_mul_ps(scale_of_all, _mm512_cvtepi32_ps(own));
      _mm512_storeu_ps(scales, scale);
      _mm512_storeu_ps(offsets, _mm512_mul_ps(scale, _mm512_set1_ps(-160)));
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
      const unsigned first = processor_word(block + 4), second = processor_word(block + 8);
      const unsigned third = processor_word(block + 12);
      const __m128i own = processor_of_words(
          first & six, (third & low) | (first >> 6 & two) << 4, second & six,
          (third >> 4 & low) | (second >> 6 & two) << 4);
      const __m512 both = _mm512_mask_mov_ps(scale_of_all, 0xFF00, minimum_of_all);
      const __m512 scaled = _mm512_mul_ps(both, _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(own)));
      _mm512_storeu_ps(scales, scaled);
      _mm512_storeu_ps(offsets, _mm512_castsi512_ps(_mm512_alignr_epi32(
          _mm512_castps_si512(scaled), _mm512_castps_si512(scaled), 8)));
    }
  }
}

// Numbers 64 · quarter … 64 · quarter + 63 of a block, a byte each: Q3_K, Q5_K, Q6_K.
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
      return _mm512_and_si512(processor_select(_mm512_set1_epi8(3), pairs, thirds), _mm512_set1_epi8(7));
    }
    case processor_q5_k: {
      const __m512i numbers = _mm512_srlv_epi64(
          processor_twice_32(block + 48 + 32 * quarter), processor_halves_of(0, 4));
      const __m512i bits = processor_twice_32(block + 16);
      // Bits 2 · quarter and the next one; here both are bit 4.
      const __m512i fifths = quarter < 2
          ? _mm512_sllv_epi64(bits, processor_halves_of(4 - 2 * quarter, 3 - 2 * quarter))
          : _mm512_srlv_epi64(bits, processor_halves_of(2 * quarter - 4, 2 * quarter - 3));
      return _mm512_and_si512(processor_select(four, numbers, fifths), _mm512_set1_epi8(31));
    }
    default: {
      const __m512i pairs = _mm512_loadu_si512(block + 64 * half);
      const __m512i bits = processor_twice_32(block + 128 + 32 * half);
      const __m512i numbers = odd
          ? processor_select(
              four, _mm512_srli_epi16(pairs, 4), _mm512_srlv_epi64(bits, processor_halves_of(0, 2)))
          : processor_select(four, pairs, _mm512_sllv_epi64(bits, processor_halves_of(4, 2)));
      return _mm512_and_si512(numbers, _mm512_set1_epi8(63));
    }
  }
}

// One block of each of the four rows.
PROCESSOR_INLINE void processor_add_super(
    enum processor_type type, const unsigned char *const *blocks, const float *x, __m512 *sums) {
  float scales[4][16], offsets[4][16], own[4], minimums[4];
  const int place = processor_scale_place(type);
  _mm_storeu_ps(own, _mm_cvtph_ps(processor_of_rows(blocks, place, 2)));
  if (type == processor_q2_k || type == processor_q4_k || type == processor_q5_k) {
    _mm_storeu_ps(minimums, _mm_cvtph_ps(processor_of_rows(blocks, place + 2, 2)));
  }
  PROCESSOR_KEEP(own);
  PROCESSOR_KEEP(minimums);
  PROCESSOR_ROWS {
    processor_read_super_scales(
        type, blocks[row], _mm512_set1_ps(own[row]), _mm512_set1_ps(minimums[row]), scales[row], offsets[row]);
  }
  PROCESSOR_KEEP(scales);
  PROCESSOR_KEEP(offsets);
  const __m512 codes = processor_codes(type), base = _mm512_set1_ps(128);
  switch (type) {
    case processor_q2_k: {
      const __m512 quads = _mm512_set_ps(3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0);
      PROCESSOR_UNROLLED for (int half = 0; half < 2; ++half) {
        __m512i numbers[4][2];
        PROCESSOR_ROWS {
          numbers[row][0] = processor_16(blocks[row] + 16 + 32 * half);
          numbers[row][1] = processor_16(blocks[row] + 32 + 32 * half);
        }
        PROCESSOR_UNROLLED for (int part = 8 * half; part < 8 * half + 8; ++part) PROCESSOR_ROWS {
          const __m512 values = _mm512_fmsub_ps(
              _mm512_set1_ps(scales[row][part]), quads, _mm512_set1_ps(offsets[row][part]));
          const __m512i places = _mm512_srli_epi32(numbers[row][part % 2], part % 8 / 2 * 2);
          processor_add(sums + row, x + 16 * part, _mm512_permutexvar_ps(places, values));
        }
      }
      break;
    }
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
            values[row] = _mm512_fmsub_ps(
                _mm512_set1_ps(scales[row][index]), codes, _mm512_set1_ps(offsets[row][index]));
          }
          const __m512i places = _mm512_srli_epi32(numbers[row][part % 2], part / 2 * 4);
          processor_add(sums + row, x + 64 * run + 16 * part, _mm512_permutexvar_ps(places, values[row]));
        }
      }
      break;
    case processor_iq4_xs:
      PROCESSOR_UNROLLED for (int part = 0; part < 8; ++part) PROCESSOR_ROWS {
        const __m512 values = _mm512_mul_ps(_mm512_set1_ps(scales[row][part]), codes);
        processor_add_pairs(sums + row, x + 32 * part, blocks[row] + 8 + 16 * part, values);
      }
      break;
    default:
      PROCESSOR_UNROLLED for (int quarter = 0; quarter < 4; ++quarter) {
        __m512i numbers[4];
        PROCESSOR_ROWS numbers[row] = processor_quarter(type, blocks[row], quarter);
        PROCESSOR_UNROLLED for (int part = 4 * quarter; part < 4 * quarter + 4; ++part) PROCESSOR_ROWS {
          const __m512 number = processor_above_128(numbers[row], part % 4 * 16);
          const int index = type == processor_q5_k ? part / 2 : part;
          const __m512 scale = _mm512_set1_ps(scales[row][index]), offset = _mm512_set1_ps(offsets[row][index]);
          processor_add(sums + row, x + 16 * part, type == processor_q5_k
              ? _mm512_fmsub_ps(scale, _mm512_sub_ps(number, base), offset)
              : _mm512_fmadd_ps(scale, number, offset));
        }
      }
  }
}

PROCESSOR_INLINE void processor_add_supers(
    enum processor_type type, int bytes, const unsigned char *const *rows, const float *x, long count,
    const unsigned char *ahead, __m512 *sums) {
  for (long place = 0; place < count * bytes; place += bytes) {
    const unsigned char *const blocks[4] = {rows[0] + place, rows[1] + place, rows[2] + place, rows[3] + place};
    processor_fetch(ahead + 4 * place, 4 * bytes);
    processor_add_super(type, blocks, x, sums);
    x += 256;
  }
}
