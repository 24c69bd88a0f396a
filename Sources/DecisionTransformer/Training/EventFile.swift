internal import Files
package import Foundation

/// A training's points as TensorBoard reads them: one event file of a folder, a record a point.
///
/// A record is a TensorFlow `Event`, a protocol buffer of a few fields, between its length and checksums (TFRecord). The
/// fields are few and fixed, so that they are written by hand here; a test reads them back with TensorBoard's own package.
package final class EventFile {
  private let file: FileHandle
  private let path: String

  /// Begins an event file; TensorBoard joins those of one folder, and forgets what earlier ones say of later steps.
  ///
  /// - Parameters:
  ///   - folder: Made where it is missing.
  ///   - completed: The updates made before.
  /// - Throws: `FileError`.
  package init(in folder: URL, after completed: Int = 0) throws {
    let now = Date().timeIntervalSince1970
    let process = ProcessInfo.processInfo
    let name =
      "events.out.tfevents.\(Int(now)).\(process.hostName).\(process.processIdentifier).laser"
    path = folder.appendingPathComponent(name).path
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      file = try OpenFile.open(path, .appending)
    } catch {
      throw FileError.cannotWrite(path: path, code: FileError.code(of: error))
    }
    var event = Message()
    event.append(1, now)
    event.append(3, Array("brain.Event:2".utf8))
    try write(event)
    guard completed > 0 else { return }
    // A session's start: points beyond this step were made by a sitting that ended before it could save them.
    var start = Message()
    start.append(1, UInt64(1))
    var session = Message()
    session.append(1, now)
    session.append(2, UInt64(completed + 1))
    session.append(7, start.bytes)
    try write(session)
  }

  /// Writes what a point measured.
  ///
  /// - Throws: `FileError`.
  package func append(_ point: TrainingCurve.Point, at time: Date = Date()) throws {
    let scalars: [(String, Double?)] = [
      ("train/loss", point.loss), ("train/accuracy", point.accuracy),
      ("train/plan_loss", point.planLoss), ("train/tokens_per_second", point.tokensPerSecond),
      ("held_out/loss", point.heldOutLoss), ("held_out/accuracy", point.heldOutAccuracy),
      ("held_out/solve_rate", point.heldOutSolveRate),
    ]
    var summary = Message()
    for (tag, value) in scalars {
      guard let value else { continue }
      var scalar = Message()
      scalar.append(1, Array(tag.utf8))
      scalar.append(2, Float(value))
      summary.append(1, scalar.bytes)
    }
    var event = Message()
    event.append(1, time.timeIntervalSince1970)
    event.append(2, UInt64(point.step))
    event.append(5, summary.bytes)
    try write(event)
  }

  private func write(_ event: Message) throws {
    let length = Self.bytes(of: UInt64(event.bytes.count))
    let record =
      length + Self.bytes(of: Self.maskedChecksum(length)) + event.bytes
      + Self.bytes(of: Self.maskedChecksum(event.bytes))
    do {
      try file.write(contentsOf: record)
    } catch {
      throw FileError.cannotWrite(path: path, code: FileError.code(of: error))
    }
  }

  private static func bytes(of number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// CRC-32C, turned and shifted as TFRecord has it.
  static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum = ~UInt32(0)
    for byte in bytes {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    checksum = ~checksum
    return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }

  /// A protocol buffer's fields.
  private struct Message {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ field: UInt64, _ value: Double) {
      appendVarint(field << 3 | 1)
      bytes += EventFile.bytes(of: value.bitPattern)
    }

    mutating func append(_ field: UInt64, _ value: Float) {
      appendVarint(field << 3 | 5)
      bytes += EventFile.bytes(of: value.bitPattern)
    }

    mutating func append(_ field: UInt64, _ value: UInt64) {
      appendVarint(field << 3)
      appendVarint(value)
    }

    mutating func append(_ field: UInt64, _ value: [UInt8]) {
      appendVarint(field << 3 | 2)
      appendVarint(UInt64(value.count))
      bytes += value
    }

    private mutating func appendVarint(_ value: UInt64) {
      var rest = value
      while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
  }
}
