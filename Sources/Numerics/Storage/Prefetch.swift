internal import CProcessor

/// Hints to the processor, which change no result.
enum Prefetch {
  /// Asks for `count` bytes from `start` to be in the core's second cache soon.
  @inline(__always)
  static func bytes(_ start: UnsafeRawPointer, count: Int) {
    guard count > 0 else { return }
    let line = 64
    var byte = 0
    while byte < count {
      processor_prefetch(start + byte)
      byte &+= line
    }
    // Where the bytes do not begin with a line they may end in one more.
    processor_prefetch(start + (count &- 1))
  }
}
