// Part of blocks.h: blocks of 32 numbers.

// Blocks whose scales are read together.
enum { processor_chunk = 32 };

// The words at the beginnings of up to sixteen blocks, and two of their halves as floats.
PROCESSOR_INLINE __m512i processor_gather(const unsigned char *blocks, int bytes, long count) {
  const __m512i places = _mm512_mullo_epi32(processor_lanes(), _mm512_set1_epi32(bytes));
  const __mmask16 mask = count >= 16 ? 0xFFFF : (__mmask16)((1u << count) - 1);
  return _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), mask, places, blocks, 1);
}
PROCESSOR_INLINE __m512 processor_low_halves(__m512i words) {
  return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(words));
}

// Scales of a row's blocks, and what is added to scaled numbers.
PROCESSOR_INLINE void processor_read_scales(
    enum processor_type type, const unsigned char *blocks, int bytes, long count, float *scales, float *offsets) {
  for (long start = 0; start < count; start += 16) {
    const __m512i words = processor_gather(blocks + start * bytes, bytes, count - start);
    __m512 scale = processor_low_halves(words), offset = scale;
    switch (type) {
      case processor_q4_1: case processor_q5_1: offset = processor_low_halves(_mm512_srli_epi32(words, 16)); break;
      case processor_q5_0: offset = _mm512_mul_ps(scale, _mm512_set1_ps(-144)); break;
      case processor_q8_0: offset = _mm512_mul_ps(scale, _mm512_set1_ps(-32896)); break;
      case processor_mxfp4: {
        // 2^(e − 128): below 2 it is no normal number.
        const __m512i e = _mm512_and_si512(words, _mm512_set1_epi32(255));
        scale = (__m512)_mm512_mask_sllv_epi32(
            _mm512_slli_epi32(_mm512_sub_epi32(e, _mm512_set1_epi32(1)), 23),
            _mm512_cmplt_epi32_mask(e, _mm512_set1_epi32(2)), _mm512_set1_epi32(0x00200000), e);
        break;
      }
      default: break;
    }
    _mm512_storeu_ps(scales + start, scale);
    _mm512_storeu_ps(offsets + start, offset);
  }
}

// The numbers of five bits of two blocks, a byte each.
PROCESSOR_INLINE __m512i processor_fives(
    const unsigned char *first, const unsigned char *second, int bits, int pairs) {
  __m512i numbers = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(first + pairs)));
  numbers = _mm512_mask_broadcast_i32x4(numbers, 0xFF00, _mm_loadu_si128((const __m128i *)(second + pairs)));
  numbers = _mm512_srlv_epi64(numbers, _mm512_set_epi64(4, 4, 0, 0, 4, 4, 0, 0));
  numbers = _mm512_and_si512(numbers, _mm512_set1_epi8(15));
  const __mmask64 fifths =
      processor_word(first + bits) | (unsigned long long)processor_word(second + bits) << 32;
  return _mm512_mask_add_epi8(numbers, fifths, numbers, _mm512_set1_epi8(16));
}

// One block of each of the four rows.
PROCESSOR_INLINE void processor_add_short(
    enum processor_type type, const unsigned char *const *blocks, const float *scales, const float *offsets,
    const float *x, __m512 *sums) {
  const __m512 codes = processor_codes(type), one = _mm512_set1_ps(128);
  switch (type) {
    case processor_q8_0:
      PROCESSOR_ROWS {
        const __m512 scale = _mm512_set1_ps(scales[row * processor_chunk]);
        const __m512 offset = _mm512_set1_ps(offsets[row * processor_chunk]);
        const __m512i numbers = _mm512_castsi256_si512(_mm256_xor_si256(
            _mm256_set1_epi8((char)0x80), _mm256_loadu_si256((const __m256i *)(blocks[row] + 2))));
        PROCESSOR_UNROLLED for (int part = 0; part < 32; part += 16) {
          processor_add(sums + row, x + part, _mm512_fmadd_ps(scale, processor_above_32768(numbers, part), offset));
        }
      }
      break;
    case processor_q5_0: case processor_q5_1:
      PROCESSOR_UNROLLED for (int pair = 0; pair < 4; pair += 2) {
        const int start = type == processor_q5_0 ? 2 : 4;
        const __m512i numbers = processor_fives(blocks[pair], blocks[pair + 1], start, start + 4);
        PROCESSOR_UNROLLED for (int part = 0; part < 64; part += 16) {
          const int row = pair + part / 32;
          __m512 number = processor_above_128(numbers, part);
          if (type == processor_q5_1) number = _mm512_sub_ps(number, one);
          processor_add(sums + row, x + part % 32, _mm512_fmadd_ps(
              _mm512_set1_ps(scales[row * processor_chunk]), number,
              _mm512_set1_ps(offsets[row * processor_chunk])));
        }
      }
      break;
    default:
      PROCESSOR_ROWS {
        const __m512 scale = _mm512_set1_ps(scales[row * processor_chunk]);
        const __m512 values = type == processor_q4_1
            ? _mm512_fmadd_ps(scale, codes, _mm512_set1_ps(offsets[row * processor_chunk]))
            : _mm512_mul_ps(scale, codes);
        const int start = type == processor_q4_1 ? 4 : type == processor_mxfp4 ? 1 : 2;
        processor_add_pairs(sums + row, x, blocks[row] + start, values);
      }
  }
}

PROCESSOR_INLINE void processor_add_shorts(
    enum processor_type type, int bytes, const unsigned char *const *rows, const float *x, long count,
    const unsigned char *ahead, __m512 *sums) {
  float scales[4 * processor_chunk], offsets[4 * processor_chunk];
  for (long start = 0; start < count; start += processor_chunk) {
    const long size = count - start < processor_chunk ? count - start : processor_chunk;
    PROCESSOR_ROWS {
      processor_read_scales(
          type, rows[row] + start * bytes, bytes, size, scales + row * processor_chunk, offsets + row * processor_chunk);
    }
    for (long index = 0; index < size; ++index) {
      const long place = (start + index) * bytes;
      const unsigned char *const blocks[4] = {rows[0] + place, rows[1] + place, rows[2] + place, rows[3] + place};
      processor_fetch(ahead + 4 * place, 4 * bytes);
      processor_add_short(type, blocks, scales + index, offsets + index, x + 32 * (start + index), sums);
    }
  }
}
