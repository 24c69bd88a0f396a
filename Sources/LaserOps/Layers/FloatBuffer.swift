/// A fixed number of floats at one address, zero at first: weights in training, gradients, workspaces.
///
/// Values that are edited or compared are ``Matrix``; this is for memory that is written over and over by
/// several threads at once, each in its own part, where copy-on-write would be in the way.
package final class FloatBuffer: @unchecked Sendable {
  // SAFETY: the address and the size never change; whoever shares a buffer between threads gives each
  // of them its own range to write (`Workers.forEach` pieces) and reads only after all have finished.

  /// The first element, aligned to 64 bytes.
  package let start: UnsafeMutablePointer<Float>
  /// The number of elements.
  package let count: Int

  /// A buffer of `count` zeros, and some room behind them that vector loops may read and write.
  package convenience init(count: Int) {
    self.init(unwritten: count)
    clear()
  }

  /// As ``init(count:)``, but the elements hold anything: for memory that is written before it is read.
  package init(unwritten count: Int) {
    precondition(count >= 0, "a buffer cannot hold \(count) elements")
    self.count = count
    let room = 16
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * (count + room), alignment: 64)
    start = memory.bindMemory(to: Float.self, capacity: count + room)
    (start + count).initialize(repeating: 0, count: room)
  }

  /// A buffer with the elements of `values`.
  package convenience init(_ values: [Float]) {
    self.init(count: values.count)
    for (index, value) in values.enumerated() { start[index] = value }
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }

  /// Sets every element to zero.
  package func clear() { start.update(repeating: 0, count: count) }

  /// A copy of the elements.
  package var values: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
