internal import Synchronization

/// Memory for a piece of work, handed from one piece to the next: as many buffers as threads run at the same time.
///
/// Asking the system for every piece anew would cost more than decoding a tile does.
final class ScratchBuffers: Sendable {
  static let shared = ScratchBuffers()
  private let free = Mutex<[FloatBuffer]>([])

  /// Lends `count` floats of any value to `body`.
  func withBuffer(count: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    var buffer = free.withLock { $0.popLast() } ?? FloatBuffer(count: count)
    if buffer.count < count { buffer = FloatBuffer(count: count) }
    // SAFETY: the buffer has room for `count` elements and belongs to this thread until it is given back.
    body(UnsafeMutableBufferPointer(start: buffer.start, count: count))
    free.withLock { $0.append(buffer) }
  }
}
