package import Foundation

/// Files opened, read and renamed; errors are the system's until somebody names the path.
package enum OpenFile {
  /// All bytes of the file at `path`.
  ///
  /// - Throws: ``FileError/cannotRead(path:code:)``.
  package static func read(_ path: String) throws -> [UInt8] {
    do {
      // Read in chunks into one buffer: `Data` and a copy of it would need the memory twice.
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      var bytes: [UInt8] = []
      bytes.reserveCapacity(size ?? 0)
      while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty {
        bytes.append(contentsOf: chunk)
      }
      return bytes
    } catch {
      throw FileError.cannotRead(path: path, code: FileError.code(of: error))
    }
  }

  /// Makes sure that there is a file or a folder at `path`, and that this user may read it.
  ///
  /// - Throws: ``FileError/cannotRead(path:code:)``.
  package static func checkReadable(_ path: String) throws {
    guard access(path, R_OK) == 0 else { throw FileError.cannotRead(path: path, code: errno) }
  }

  /// What becomes of a file's earlier contents when it is opened for writing.
  package enum Opening {
    /// They stay, and writing begins at the start.
    case keeping
    /// They stay, and every write goes behind them: for what is not ours alone, such as a standard
    /// output that a shell has joined to a log.
    case appending
    /// There are none: a name that somebody else made is not ours to write through.
    case creating

    fileprivate var flags: Int32 {
      switch self {
      case .keeping: O_CREAT
      case .appending: O_CREAT | O_APPEND
      case .creating: O_CREAT | O_EXCL
      }
    }
  }

  /// A handle for writing to `path`, which is created if it is missing.
  ///
  /// - Throws: `POSIXError`.
  package static func open(_ path: String, _ opening: Opening) throws -> FileHandle {
    let descriptor = Foundation.open(path, O_WRONLY | O_CLOEXEC | opening.flags, 0o666)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// A handle as of ``open(_:_:)``, `keeping`, that holds the file's lock until it is closed, or nothing
  /// if another handle holds it. On file systems that know no locks there is none.
  ///
  /// - Throws: `POSIXError`.
  package static func openLocked(_ path: String) throws -> FileHandle? {
    while true {
      let file = try open(path, .keeping)
      guard lock(file) else { return nil }
      // Its last holder may have renamed the file between the opening and the lock.
      var (opened, named) = (stat(), stat())
      if fstat(file.fileDescriptor, &opened) == 0, stat(path, &named) == 0,
        opened.st_ino == named.st_ino, opened.st_dev == named.st_dev
      {
        return file
      }
    }
  }

  /// A handle that holds the lock of the folder at `path` until it is closed or the process ends, or nothing if somebody
  /// else holds it. On file systems that know no locks nobody does.
  ///
  /// - Throws: ``FileError/cannotRead(path:code:)``.
  package static func lockFolder(_ path: String) throws -> FileHandle? {
    let descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.cannotRead(path: path, code: errno) }
    let folder = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    return lock(folder) ? folder : nil
  }

  /// Takes the lock of an open file or folder, without waiting, until the handle is closed or the process ends.
  ///
  /// - Parameters:
  ///   - file: The file or folder.
  ///   - isShared: Whether others may hold it at the same time.
  /// - Returns: Whether nobody else holds it; on file systems that know no locks nobody does.
  package static func lock(_ file: FileHandle, isShared: Bool = false) -> Bool {
    let kind = isShared ? LOCK_SH : LOCK_EX
    return flock(file.fileDescriptor, kind | LOCK_NB) == 0 || errno != EWOULDBLOCK
  }

  /// Whether two paths lead to one file, by whatever links; a device or a pipe may be read and written.
  package static func isSameFile(_ path: String, _ other: String) -> Bool {
    var (one, two) = (stat(), stat())
    return stat(path, &one) == 0 && stat(other, &two) == 0
      && one.st_dev == two.st_dev && one.st_ino == two.st_ino && one.st_mode & S_IFMT == S_IFREG
  }

  /// Renames in one step, over an existing file.
  ///
  /// - Throws: `POSIXError`.
  package static func move(_ source: String, to path: String) throws {
    guard rename(source, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
  }
}
