#include <cblas.h>

// OpenBLAS' own choice of kernels, which it makes when it is loaded; absent where it was built for one processor.
void gotoblas_dynamic_init(void) __attribute__((weak));
void gotoblas_dynamic_quit(void) __attribute__((weak));

// Lets OpenBLAS choose again, by the environment as it is now; 0 where it cannot. Nothing of it may be running.
static inline int openblas_choose_again(void) {
  if (!gotoblas_dynamic_init || !gotoblas_dynamic_quit) return 0;
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  return 1;
}
