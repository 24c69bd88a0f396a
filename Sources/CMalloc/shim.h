// What Swift's Glibc module leaves out: the settings of the C library's allocator. Empty elsewhere.
#if defined(__linux__)
#include <malloc.h>
#endif
