// Hints to the processor that Swift has no words for. They change no result.

// The thread is waiting for memory that another one will write.
static inline void processor_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

// The cache line at this address will be read soon, from the second cache; any address will do, mapped or not.
static inline void processor_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }
