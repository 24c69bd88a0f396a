package import Foundation
internal import Synchronization

/// Writing a file so that a crash, an error or a full disk leaves the old file or the new one, never a part.
///
/// The bytes go to a temporary name in the same folder, are flushed to the disk, and take the file's name
/// by one rename. Where a symbolic link stands, the file that it names is replaced, and the link stays. A path that leads
/// to no regular file (`/dev/stdout`, a pipe) is written directly.
package enum AtomicFile {
  /// Replaces the file at `url` by what `body` writes.
  ///
  /// - Throws: ``FileError/cannotWrite(path:code:)``, or what `body` throws; in both cases the temporary
  ///   file is gone and the file at `url` is what it was.
  package static func write(to url: URL, _ body: (inout Output) throws -> Void) throws {
    let destination = try Destination(of: url.path)
    guard !destination.isDirect else {
      let file = try naming(url.path) { try OpenFile.open(destination.path, .appending) }
      try write(to: file, named: url.path, flushing: false, body)
      return
    }
    let file = URL(fileURLWithPath: destination.path)
    let temporary = try naming(url.path) { try temporaryFile(beside: file) }
    do {
      try write(to: temporary.handle, named: url.path, flushing: true, body)
      guard rename(temporary.path, file.path) == 0 else {
        let code = errno
        throw FileError.cannotWrite(path: url.path, code: code)
      }
    } catch {
      unlink(temporary.path)
      throw error
    }
    flushFolder(file.deletingLastPathComponent())
  }

  /// Replaces the file at `url` by `bytes`.
  package static func write(_ bytes: some Sequence<UInt8>, to url: URL) throws {
    try write(to: url) { try $0.write(bytes) }
  }

  /// Replaces the file at `url` by the UTF-8 of `text`.
  package static func write(_ text: String, to url: URL) throws {
    try write(to: url) { try $0.write(text.utf8) }
  }

  private static let temporaryNumber = Atomic(0)

  /// A new file beside `file`.
  ///
  /// A killed process may have left one: its number comes again, and in a container every process has the same one.
  private static func temporaryFile(
    beside file: URL
  ) throws -> (handle: FileHandle, path: String) {
    while true {
      let number = temporaryNumber.add(1, ordering: .relaxed).newValue
      let path = file.deletingLastPathComponent().appendingPathComponent(
        ".\(file.lastPathComponent).\(getpid())-\(number).partial"
      ).path
      do {
        return (try OpenFile.open(path, .creating), path)
      } catch let error as POSIXError where error.code == .EEXIST {
        continue
      }
    }
  }

  /// What `open` opens; its errors call the file `name`.
  private static func naming<Opened>(_ name: String, _ open: () throws -> Opened) throws -> Opened {
    do {
      return try open()
    } catch {
      throw FileError.cannotWrite(path: name, code: FileError.code(of: error))
    }
  }

  /// Writes what `body` writes into `file`, which errors call `name`, and closes it.
  private static func write(
    to file: FileHandle, named name: String, flushing: Bool,
    _ body: (inout Output) throws -> Void
  ) throws {
    defer { try? file.close() }
    var output = Output(descriptor: file.fileDescriptor, path: name)
    try body(&output)
    try output.flush()
    guard !flushing || fsync(file.fileDescriptor) == 0 else {
      throw FileError.cannotWrite(path: name, code: errno)
    }
  }

  /// Makes the rename itself durable. Some file systems cannot; the file's own bytes are safe already.
  private static func flushFolder(_ folder: URL) {
    let descriptor = open(folder.path.isEmpty ? "." : folder.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

extension AtomicFile {
  /// Where the body of a write puts its bytes; small pieces are gathered, large ones passed through.
  package struct Output {
    private let descriptor: Int32
    private let path: String
    private var pending: [UInt8] = []
    /// How many bytes were written so far.
    package var count: Int { flushed + pending.count }
    private var flushed = 0
    private static let gathered = 1 << 18

    package init(descriptor: Int32, path: String) {
      self.descriptor = descriptor
      self.path = path
    }

    /// Appends `bytes`.
    ///
    /// - Throws: ``FileError/cannotWrite(path:code:)``, on a full disk for instance.
    package mutating func write(_ bytes: some Sequence<UInt8>) throws {
      pending.append(contentsOf: bytes)
      if pending.count >= Self.gathered { try flush() }
    }

    /// Appends the bytes of `buffer`.
    ///
    /// - Throws: ``FileError/cannotWrite(path:code:)``, on a full disk for instance.
    package mutating func write(_ buffer: UnsafeRawBufferPointer) throws {
      guard buffer.count >= Self.gathered else {
        pending.append(contentsOf: buffer)
        if pending.count >= Self.gathered { try flush() }
        return
      }
      try flush()
      try writeOut(buffer)
      flushed += buffer.count
    }

    package mutating func flush() throws {
      try pending.withUnsafeBytes { try writeOut($0) }
      flushed += pending.count
      pending.removeAll(keepingCapacity: true)
    }

    private func writeOut(_ buffer: UnsafeRawBufferPointer) throws {
      var rest = buffer[...]
      while !rest.isEmpty {
        // SAFETY: `rest` is a part of `buffer`, which its owner keeps alive during the call.
        let written = Foundation.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, min(rest.count, 1 << 30))
        if written < 0 {
          if errno == EINTR { continue }
          throw FileError.cannotWrite(path: path, code: errno)
        }
        rest = rest.dropFirst(written)
      }
    }
  }
}
