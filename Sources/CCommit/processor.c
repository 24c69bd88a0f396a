// Ends the program with a sentence where the processor lacks instructions that it was compiled for; without this the first
// of them would end it with a signal.
//
// Before main and in C, because the compiler may use those instructions anywhere: this function alone is compiled for any
// x86-64, whatever -march says.
#if defined(__x86_64__)
#include <string.h>
#include <unistd.h>

#define NEEDS(feature) \
  if (!__builtin_cpu_supports(feature)) missing = feature;

__attribute__((constructor, target("arch=x86-64,no-avx,no-bmi,no-bmi2,no-lzcnt,no-movbe")))
static void laser_check_processor(void) {
  const char *missing = 0;
  __builtin_cpu_init();
#if defined(__AVX512VBMI__)
  NEEDS("avx512vbmi")
#endif
#if defined(__AVX512VNNI__)
  NEEDS("avx512vnni")
#endif
#if defined(__AVX512BW__)
  NEEDS("avx512bw")
#endif
#if defined(__AVX512F__)
  NEEDS("avx512f")
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
