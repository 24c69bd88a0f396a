internal import Files
package import Foundation

/// A file mapped into memory for reading: its pages are loaded when touched and may be dropped again.
///
/// A class, because a mapping has identity: it ends when the last user of it is gone. The file must not be cut
/// while it is mapped; replacing it, as `AtomicFile` does, is safe, for the mapping keeps the old one.
///
/// SAFETY: Sendable without a check because the only stored values are constants and the mapped bytes are
/// read-only for the whole life of the object.
package final class MappedFile: @unchecked Sendable {
  /// Where the file was found, for messages.
  package let path: String
  /// The number of bytes.
  package let count: Int
  private let address: UnsafeMutableRawPointer?

  /// Maps the file at `url`.
  ///
  /// - Throws: `FileError/cannotRead(path:code:)` when it is absent, a folder, or not permitted;
  ///   ``StorageError/notRegular(file:)`` for a pipe or a device, ``StorageError/largeFilePointer(file:)`` for what Git
  ///   LFS leaves in place of a file.
  package init(_ url: URL) throws {
    path = url.path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.cannotRead(path: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError.cannotRead(path: path, code: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw isFolder
        ? FileError.cannotRead(path: path, code: EISDIR) : StorageError.notRegular(file: path)
    }
    count = Int(status.st_size)
    guard count > 0 else {
      address = nil
      return
    }
    guard let mapping = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      mapping != MAP_FAILED
    else { throw FileError.cannotRead(path: path, code: errno) }
    address = mapping
    if withBytes({ $0.starts(with: "version https://git-lfs".utf8) }) {
      throw StorageError.largeFilePointer(file: path)
    }
  }

  /// A file that exists in memory only, called `path` in messages.
  ///
  /// - Throws: ``FileError/cannotRead(path:code:)`` when there is no memory for it.
  package init(_ bytes: some Collection<UInt8>, path: String) throws {
    self.path = path
    count = bytes.count
    guard count > 0 else {
      address = nil
      return
    }
    guard
      let mapping = mmap(
        nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapping != MAP_FAILED
    else { throw FileError.cannotRead(path: path, code: errno) }
    // SAFETY: the mapping is new, writable, and `count` bytes long.
    UnsafeMutableRawBufferPointer(start: mapping, count: count).copyBytes(from: bytes)
    address = mapping
  }

  deinit {
    // SAFETY: the mapping was made in `init` with exactly this length and nothing else ends it.
    if let address { munmap(address, count) }
  }

  /// Lends the whole file to `body`; the pointer must not leave it.
  package func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value
  {
    // SAFETY: `self` keeps the mapping of `count` bytes alive for the whole call.
    try body(UnsafeRawBufferPointer(start: address, count: count))
  }

  /// Lends the bytes of `range` to `body`; the pointer must not leave it.
  ///
  /// - Precondition: `range` lies in the file.
  package func withBytes<Value>(
    in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Value
  ) rethrows -> Value {
    precondition(range.upperBound <= count, "\(range) is outside of the \(count) bytes of \(path)")
    return try withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}
