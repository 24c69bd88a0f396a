// Ends the program with a sentence where the processor lacks instructions that it was compiled for; without this the first
// of them would end it with a signal.
//
// Before main and in C, because the compiler may use those instructions anywhere: this function alone is compiled for any
// x86-64, whatever -march says.
#if defined(__x86_64__)
#include <cpuid.h>
#include <string.h>
#include <unistd.h>

#define NEEDS(feature) \
  if (!__builtin_cpu_supports(feature)) missing = feature;

// The same, asked of the processor itself: the compiler's runtime library denies what is newer than the library is.
#define NEEDS_BIT(feature, registers, register, bit) \
  if (!(registers[register] >> bit & 1)) missing = feature;
#define READ(leaf, subleaf, registers) \
  __cpuid_count(leaf, subleaf, registers[0], registers[1], registers[2], registers[3])

enum { EAX, EBX, ECX, EDX };

__attribute__((constructor, target("arch=x86-64,no-avx,no-bmi,no-bmi2,no-lzcnt,no-movbe")))
static void laser_check_processor(void) {
  // The last that is missing is named: the rarest come first.
  const char *missing = 0;
  unsigned basic[4], leaf1[4], leaf7[4] = {0}, leaf7_1[4] = {0}, extended[4] = {0};
  READ(0, 0, basic);
  READ(1, 0, leaf1);
  if (basic[EAX] >= 7) {
    READ(7, 0, leaf7);
    // Its first register is the last subleaf there is.
    if (leaf7[EAX] >= 1) READ(7, 1, leaf7_1);
  }
  READ(0x80000000, 0, basic);
  if (basic[EAX] >= 0x80000001) READ(0x80000001, 0, extended);
  __builtin_cpu_init();
#if defined(__AVX512FP16__)
  NEEDS_BIT("avx512fp16", leaf7, EDX, 23)
#endif
#if defined(__AVXVNNIINT16__)
  NEEDS_BIT("avxvnniint16", leaf7_1, EDX, 10)
#endif
#if defined(__AVXVNNIINT8__)
  NEEDS_BIT("avxvnniint8", leaf7_1, EDX, 4)
#endif
#if defined(__AVXNECONVERT__)
  NEEDS_BIT("avxneconvert", leaf7_1, EDX, 5)
#endif
#if defined(__AVXIFMA__)
  NEEDS_BIT("avxifma", leaf7_1, EAX, 23)
#endif
#if defined(__AVX512BF16__)
  NEEDS_BIT("avx512bf16", leaf7_1, EAX, 5)
#endif
#if defined(__AVXVNNI__)
  NEEDS_BIT("avxvnni", leaf7_1, EAX, 4)
#endif
#if defined(__GFNI__)
  NEEDS_BIT("gfni", leaf7, ECX, 8)
#endif
#if defined(__VAES__)
  NEEDS_BIT("vaes", leaf7, ECX, 9)
#endif
#if defined(__VPCLMULQDQ__)
  NEEDS_BIT("vpclmulqdq", leaf7, ECX, 10)
#endif
#if defined(__AVX512VPOPCNTDQ__)
  NEEDS_BIT("avx512vpopcntdq", leaf7, ECX, 14)
#endif
#if defined(__AVX512BITALG__)
  NEEDS_BIT("avx512bitalg", leaf7, ECX, 12)
#endif
#if defined(__AVX512VBMI2__)
  NEEDS_BIT("avx512vbmi2", leaf7, ECX, 6)
#endif
#if defined(__AVX512IFMA__)
  NEEDS_BIT("avx512ifma", leaf7, EBX, 21)
#endif
#if defined(__AVX512VBMI__)
  NEEDS("avx512vbmi")
#endif
#if defined(__AVX512VNNI__)
  NEEDS("avx512vnni")
#endif
#if defined(__AVX512VL__)
  NEEDS("avx512vl")
#endif
#if defined(__AVX512DQ__)
  NEEDS("avx512dq")
#endif
#if defined(__AVX512CD__)
  NEEDS("avx512cd")
#endif
#if defined(__AVX512BW__)
  NEEDS("avx512bw")
#endif
#if defined(__AVX512F__)
  NEEDS("avx512f")
#endif
#if defined(__MOVBE__)
  NEEDS_BIT("movbe", leaf1, ECX, 22)
#endif
#if defined(__LZCNT__)
  NEEDS_BIT("lzcnt", extended, ECX, 5)
#endif
#if defined(__BMI__)
  NEEDS_BIT("bmi", leaf7, EBX, 3)
#endif
#if defined(__BMI2__)
  NEEDS_BIT("bmi2", leaf7, EBX, 8)
#endif
#if defined(__F16C__)
  NEEDS_BIT("f16c", leaf1, ECX, 29)
#endif
#if defined(__FMA__)
  NEEDS("fma")
#endif
#if defined(__AVX2__)
  NEEDS("avx2")
#endif
  if (!missing) return;
  const char *texts[] = {
      "Error: this binary of laser was built for processors with ", missing,
      ", which this one lacks; build it on this machine with make, or take the other binary of the tarball\n"};
  for (int i = 0; i < 3; i++) {
    if (write(2, texts[i], strlen(texts[i])) < 0) break;
  }
  _exit(1);
}
#endif
