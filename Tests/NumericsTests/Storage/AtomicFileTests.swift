import Files
import Foundation
import Numerics
import Testing

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `a write replaces the file and leaves nothing else`() throws {
    try AtomicFile.write("old", to: folder["file"])
    try AtomicFile.write("new", to: folder["file"])
    #expect(try String(contentsOf: folder["file"], encoding: .utf8) == "new")
    #expect(try folder.names == ["file"])
  }

  @Test func `a body that throws leaves the old file and nothing else`() throws {
    try AtomicFile.write("old", to: folder["file"])
    #expect(throws: CancellationError.self) {
      try AtomicFile.write(to: folder["file"]) { output in
        try output.write("half of the new".utf8)
        throw CancellationError()
      }
    }
    #expect(try String(contentsOf: folder["file"], encoding: .utf8) == "old")
    #expect(try folder.names == ["file"])
  }

  @Test func `what killed processes of the same number have left is in nobody's way`() throws {
    // Other tests count on while this one runs.
    let left = (1...2_000).map {
      ".file.\(ProcessInfo.processInfo.processIdentifier)-\($0).partial"
    }
    for name in left { try Data().write(to: folder[name]) }
    try AtomicFile.write("new", to: folder["file"])
    #expect(try String(contentsOf: folder["file"], encoding: .utf8) == "new")
    #expect(try folder.names.count == left.count + 1)
  }

  @Test func `small and large pieces arrive in their order`() throws {
    let large = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try AtomicFile.write(to: folder["file"]) { output in
      try output.write([1, 2, 3])
      try large.withUnsafeBytes { try output.write($0) }
      try output.write([4, 5])
      #expect(output.count == 700_005)
    }
    #expect(try Data(contentsOf: folder["file"]) == Data([1, 2, 3] + large + [4, 5]))
  }

  @Test func `a full disk is named`() throws {
    let device = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    var output = AtomicFile.Output(descriptor: device.fileDescriptor, path: "model.safetensors")
    try output.write("something".utf8)
    #expect(throws: FileError.cannotWrite(path: "model.safetensors", code: ENOSPC)) {
      try output.flush()
    }
    #expect(
      FileError.cannotWrite(path: "m", code: ENOSPC).description.contains("free some space"))
  }

  @Test func `a folder that does not exist is an error`() throws {
    let url = folder["absent/file"]
    #expect(throws: FileError.cannotWrite(path: url.path, code: ENOENT)) {
      try AtomicFile.write("text", to: url)
    }
  }

  @Test func `a folder cannot be replaced by a file`() throws {
    try FileManager.default.createDirectory(at: folder["taken"], withIntermediateDirectories: true)
    #expect(throws: FileError.cannotWrite(path: folder["taken"].path, code: EISDIR)) {
      try AtomicFile.write("text", to: folder["taken"])
    }
    #expect(try folder.names == ["taken"])
  }
}
