internal import CZlib
package import Foundation

/// A text file, plain or gzipped, read from its beginning a piece at a time.
package final class CorpusFile {
  /// Where the file is.
  package let path: String
  /// The bytes of the file as it lies on the disk.
  package let storedBytes: Int
  /// When the file was last written, in seconds since 1970.
  package let changed: Double
  private let handle: gzFile
  private var readBytes = 0

  /// Opens the file at `url`.
  ///
  /// - Throws: ``CorpusError/cannotOpen(path:reason:)``.
  package init(_ url: URL) throws {
    path = url.path
    // `stat` follows a symbolic link, whose attributes would be its own.
    var status = stat()
    guard stat(url.path, &status) == 0 else {
      throw CorpusError.cannotOpen(path: url.path, reason: "there is no such file")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CorpusError.cannotOpen(path: url.path, reason: "not a regular file")
    }
    let attributes = try FileManager.default.attributesOfItem(
      atPath: url.resolvingSymlinksInPath().path)
    storedBytes = (attributes[.size] as? NSNumber)?.intValue ?? 0
    changed = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    guard let handle = gzopen(url.path, "rb") else {
      throw CorpusError.cannotOpen(path: url.path, reason: String(cString: strerror(errno)))
    }
    self.handle = handle
  }

  deinit { gzclose_r(handle) }

  /// How many of ``storedBytes`` have been used, for progress.
  package var storedPosition: Int { min(storedBytes, max(0, Int(gzoffset(handle)))) }

  /// Reads the next bytes of text into `buffer`.
  ///
  /// - Returns: How many; 0 at the end.
  /// - Throws: ``CorpusError/cannotRead(path:atByte:reason:)``; ``CorpusError/notText(path:format:)`` for the beginning of
  ///   what is no text.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = UInt32(min(buffer.count, 1 << 30))
    let count = Int(gzread(handle, buffer.baseAddress, wanted))
    var code: Int32 = Z_OK
    let message = gzerror(handle, &code).map { String(cString: $0) } ?? ""
    // Of a stream that is cut off gzread gives what there is; only gzerror says that more was to come.
    guard count >= 0, code == Z_OK else {
      // zlib says first which file it means, as we do.
      let reason = message.hasPrefix("\(path): ") ? message.dropFirst(path.count + 2) : message[...]
      throw CorpusError.cannotRead(
        path: path, atByte: readBytes + max(0, count), reason: String(reason))
    }
    if readBytes == 0,
      let format = BinaryFormat.name(of: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    {
      throw CorpusError.notText(path: path, format: format)
    }
    readBytes += count
    return count
  }

  /// All that is left of the text.
  ///
  /// - Throws: As ``read(into:)``.
  private func readAll() throws -> [UInt8] {
    var text: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while case let count = try read(into: buffer), count > 0 {
      text += UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }
    return text
  }

  /// All that is left of a text in UTF-8, without a byte order mark; bytes that are none become U+FFFD.
  ///
  /// - Throws: As ``read(into:)``.
  package func readText() throws -> String {
    let bytes = try readAll()
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    return String(decoding: bytes.dropFirst(hasMark ? 3 : 0), as: UTF8.self)
  }
}
