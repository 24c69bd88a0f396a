internal import CMalloc

/// How the whole process deals with memory that is no longer used: for programs to choose, not for libraries.
public enum ProcessMemory {
  /// Keeps freed blocks of up to 64 MB for the next ones of their kind, at most 256 MB of them.
  ///
  /// Layers ask for the same megabytes over and over. By default the GNU C library returns many of them to the system
  /// in between, and every page then costs a fault and the clearing of it: a tenth of the time of decoding text.
  /// Elsewhere nothing is changed.
  public static func keepFreedBlocks() {
    #if canImport(Glibc)
      mallopt(M_MMAP_THRESHOLD, 64 << 20)
      mallopt(M_TRIM_THRESHOLD, 256 << 20)
    #endif
  }
}
