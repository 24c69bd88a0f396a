/// A fixed number of floats at one address, zero at first: weights in training, gradients, workspaces.
///
/// Values that are edited or compared are ``Matrix``; this is for memory that is written over and over by
/// several threads at once, each in its own part, where copy-on-write would be in the way.
package final class FloatBuffer: @unchecked Sendable {
  // SAFETY: the address and the size never change; whoever shares a buffer between threads gives each
  // of them its own range to write (`Workers.forEach` pieces) and reads only after all have finished.

  /// The first element, aligned to 64 bytes unless the memory is lent.
  package let start: UnsafeMutablePointer<Float>
  /// The number of elements.
  package let count: Int
  private let isOwned: Bool

  /// A buffer of `count` zeros, and some room behind them that vector loops may read and write.
  package init(count: Int) {
    precondition(count >= 0, "a buffer cannot hold \(count) elements")
    self.count = count
    isOwned = true
    let room = 16
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * (count + room), alignment: 64)
    start = memory.bindMemory(to: Float.self, capacity: count + room)
    start.initialize(repeating: 0, count: count + room)
  }

  /// The memory of somebody else, which has to outlive the buffer, with whatever is in it and no room behind: for layers
  /// that write every element and no further, as `Projection` does.
  init(lent start: UnsafeMutablePointer<Float>, count: Int) {
    self.start = start
    self.count = count
    isOwned = false
  }

  /// A buffer with the elements of `values`.
  package convenience init(_ values: [Float]) {
    self.init(count: values.count)
    for (index, value) in values.enumerated() { start[index] = value }
  }

  deinit { if isOwned { UnsafeMutableRawPointer(start).deallocate() } }

  /// Sets every element to zero.
  package func clear() { start.update(repeating: 0, count: count) }

  /// A copy of the elements.
  package var values: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
