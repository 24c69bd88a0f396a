import Foundation
import Testing

@testable import DecisionTransformer

@Suite struct EventFileTests {
  @Test func `the checksum is CRC-32C, turned by fifteen bits and shifted`() {
    // RFC 3720, B.4: 32 zeros have the CRC 0x8A9136AA; "123456789" has 0xE3069283.
    for (bytes, checksum) in [
      ([UInt8](repeating: 0, count: 32), UInt32(0x8A91_36AA)),
      (Array("123456789".utf8), 0xE306_9283),
    ] {
      let expected = (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
      #expect(EventFile.maskedChecksum(bytes) == expected)
    }
  }

  /// A Python with the tensorboard package, which the environment variable `LASER_GYM_PYTHON` names.
  private static let python = ProcessInfo.processInfo.environment["LASER_GYM_PYTHON"]

  @Test(.enabled(if: python != nil, "LASER_GYM_PYTHON does not name a Python with tensorboard"))
  func `TensorBoard reads what was written`() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.url
    defer { withExtendedLifetime(temporary) {} }
    // A sitting that was killed behind its last checkpoint: the next one makes those steps again.
    let killed = try EventFile(in: folder)
    for step in [50, 100, 150] {
      try killed.append(
        .init(
          step: step, loss: step == 150 ? 9 : 1 / Double(step), accuracy: 0.5, planLoss: nil,
          tokensPerSecond: 9e4, heldOutAccuracy: 0.25, heldOutLoss: 2))
    }
    // Files are read in the order of their names, which begin with the second.
    Thread.sleep(forTimeInterval: 1.1)
    let file = try EventFile(in: folder, after: 100)
    for step in [300] {
      var point = TrainingCurve.Point(
        step: step, loss: 1 / Double(step), accuracy: 0.5, planLoss: nil, tokensPerSecond: 9e4,
        heldOutAccuracy: 0.25, heldOutLoss: 2)
      if step == 300 { point.heldOutSolveRate = 0.75 }
      try file.append(point)
    }
    let script = """
      import sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator(sys.argv[1]); events.Reload()
      for tag in sorted(events.Tags()["scalars"]):
          print(tag, *[f"{event.step}:{event.value:.6g}" for event in events.Scalars(tag)])
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.python ?? "")
    process.arguments = ["-c", script, folder.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(
      output == """
        held_out/accuracy 50:0.25 100:0.25 300:0.25
        held_out/loss 50:2 100:2 300:2
        held_out/solve_rate 300:0.75
        train/accuracy 50:0.5 100:0.5 300:0.5
        train/loss 50:0.02 100:0.01 300:0.00333333
        train/tokens_per_second 50:90000 100:90000 300:90000

        """)
  }
}
