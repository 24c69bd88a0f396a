// Part of blocks.h: blocks of 32 numbers.

// The scales of a block of each of the four rows, and what is added to scaled numbers where there is such a thing.
PROCESSOR_INLINE void processor_read_scales(
    enum processor_type type, const unsigned char *const *blocks, float *scales, float *offsets) {
  __m128 scale;
  if (type == processor_mxfp4) {
    // 2^(e − 128): below 2 it is no normal number.
    const __m128i e = _mm_cvtepu16_epi32(processor_of_rows(blocks, 0, 1));
    scale = (__m128)_mm_mask_sllv_epi32(
        _mm_slli_epi32(_mm_sub_epi32(e, _mm_set1_epi32(1)), 23), _mm_cmplt_epi32_mask(e, _mm_set1_epi32(2)),
        _mm_set1_epi32(0x00200000), e);
  } else {
    scale = _mm_cvtph_ps(processor_of_rows(blocks, 0, 2));
  }
  _mm_storeu_ps(scales, scale);
  PROCESSOR_KEEP(scales);
  if (type == processor_q5_0) {
    _mm_storeu_ps(offsets, _mm_mul_ps(scale, _mm_set1_ps(16)));
  } else if (type == processor_q4_1 || type == processor_q5_1) {
    _mm_storeu_ps(offsets, _mm_cvtph_ps(processor_of_rows(blocks, 2, 2)));
  }
  PROCESSOR_KEEP(offsets);
}

// Two numbers of five bits in each of sixteen lanes: numbers 0 … 15 in the low bits, 16 … 31 sixteen bits above.
PROCESSOR_INLINE __m512i processor_fives(const unsigned char *fifths, const unsigned char *pairs) {
  // Two bytes in every 64 bits, and from there each in 32, its upper four bits sixteen above.
  const __m512i numbers = _mm512_multishift_epi64_epi8(
      _mm512_set1_epi64(0x000C000800040000), _mm512_cvtepu16_epi64(_mm_loadu_si128((const __m128i *)pairs)));
  // The bit of the lane's number comes to bit 4, and that of the number sixteen later to bit 20.
  const __m512i turns = _mm512_sub_epi32(_mm512_set1_epi32(36), processor_lanes());
  const __m512i bits = _mm512_rolv_epi32(_mm512_set1_epi32((int)processor_word(fifths)), turns);
  return processor_select(_mm512_set1_epi32(0x000F000F), numbers, bits);
}

// One block of each of the four rows.
PROCESSOR_INLINE void processor_add_short(
    enum processor_type type, const unsigned char *const *blocks, const float *x, __m512 *sums) {
  float scales[4], offsets[4];
  processor_read_scales(type, blocks, scales, offsets);
  const __m512 codes = processor_codes(type), sixteen = _mm512_set1_ps(16);
  PROCESSOR_ROWS {
    switch (type) {
      case processor_q8_0:
        PROCESSOR_UNROLLED for (int part = 0; part < 32; part += 16) {
          const __m512i numbers =
              _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(blocks[row] + 2 + part)));
          processor_add(sums + row, x + part, processor_scaled(_mm512_cvtepi32_ps(numbers), scales + row));
        }
        break;
      case processor_q5_0: case processor_q5_1: {
        // The values of the numbers below 16 and of the others: 32, of which five bits look one up. Those of Q5_0 have
        // sixteen bits, so that sums of them are not rounded.
        const __m512 scale = _mm512_set1_ps(scales[row]), offset = _mm512_set1_ps(offsets[row]);
        const __m512 below = type == processor_q5_0
            ? _mm512_mul_ps(scale, _mm512_sub_ps(codes, sixteen)) : _mm512_fmadd_ps(scale, codes, offset);
        const __m512 above = type == processor_q5_0
            ? _mm512_add_ps(below, offset) : _mm512_fmadd_ps(scale, _mm512_add_ps(codes, sixteen), offset);
        const int start = type == processor_q5_0 ? 2 : 4;
        const __m512i places = processor_fives(blocks[row] + start, blocks[row] + start + 4);
        processor_add(sums + row, x, _mm512_permutex2var_ps(below, places, above));
        processor_add(sums + row, x + 16, _mm512_permutex2var_ps(below, _mm512_srli_epi32(places, 16), above));
        break;
      }
      default: {
        const __m512 values = type == processor_q4_1
            ? processor_scaled_and(codes, scales + row, offsets + row) : processor_scaled(codes, scales + row);
        const int start = type == processor_q4_1 ? 4 : type == processor_mxfp4 ? 1 : 2;
        processor_add_pairs(sums + row, x, blocks[row] + start, values);
      }
    }
  }
}

PROCESSOR_INLINE void processor_add_shorts(
    enum processor_type type, int bytes, const unsigned char *const *rows, const float *x, long count,
    const unsigned char *ahead, __m512 *sums) {
  for (long place = 0; place < count * bytes; place += bytes) {
    const unsigned char *const blocks[4] = {rows[0] + place, rows[1] + place, rows[2] + place, rows[3] + place};
    processor_fetch(ahead + 4 * place, 4 * bytes);
    processor_add_short(type, blocks, x, sums);
    x += 32;
  }
}
