internal import Foundation
internal import Synchronization

/// The file that one process appends its finished work to, and nobody else.
///
/// It appears with the first line, its header above, or with ``begin()``; a process that finds nothing to do leaves none
/// otherwise.
final class AttemptFile {
  private(set) var url: URL
  /// The journal's name, from which that of another file is made.
  private let journal: String
  private let header: Data
  private var file: FileHandle?
  private var length: UInt64 = 0
  /// All lines of this process.
  private var lines = Data()

  /// A file that will be at `url`.
  init(at url: URL, of journal: String = "journal", header: RunHeader) throws {
    self.journal = journal
    self.url = url
    self.header = try header.line + [UInt8(ascii: "\n")]
  }

  /// A file whose header is written already; `file` stands behind it.
  private init(at url: URL, of journal: String, header: RunHeader, open file: FileHandle) throws {
    self.journal = journal
    self.url = url
    self.header = try header.line + [UInt8(ascii: "\n")]
    self.file = file
    length = try file.seekToEnd()
  }

  /// Writes the header before there is a line.
  ///
  /// - Throws: `RunError.cannotWrite`.
  func begin() throws {
    do {
      let file = try Self.create(url.path)
      self.file = file
      try write(header, to: file)
    } catch {
      throw RunError(cannotWrite: url.path, error)
    }
  }

  /// Appends a line and flushes it to disk.
  ///
  /// Where another process has gathered the file into the first one meanwhile, which believed this one dead or did not
  /// know of it, all lines of this process go into a new file.
  ///
  /// - Throws: `RunError.cannotWrite`; a part of the line does not stay.
  func append(_ line: some Encodable) throws {
    var text = try JournalCoding.encoder.encode(line)
    text.append(UInt8(ascii: "\n"))
    lines += text
    do {
      if let file, try Self.isStillThere(file) {
        try write(text, to: file)
      } else {
        if file != nil {
          url = url.deletingLastPathComponent().appendingPathComponent(Self.name(journal))
          length = 0
        }
        let file = try Self.create(url.path)
        self.file = file
        try write(header + lines, to: file)
      }
    } catch {
      try? file?.truncate(atOffset: length)
      throw RunError(cannotWrite: url.path, error)
    }
  }

  private func write(_ text: Data, to file: FileHandle) throws {
    try file.write(contentsOf: text)
    try file.synchronize()
    length += UInt64(text.count)
  }

  /// Whether the file has a name; a network's file system may say that it is stale instead.
  private static func isStillThere(_ file: FileHandle) throws -> Bool {
    var status = stat()
    guard fstat(file.fileDescriptor, &status) == 0 else {
      if errno == ESTALE { return false }
      throw POSIXError(.init(rawValue: errno) ?? .EIO)
    }
    return status.st_nlink > 0
  }

  private static func create(_ path: String) throws -> FileHandle {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }
}

extension AttemptFile {
  /// A name that no other process uses: `journal.20261129T093500.123456-host-4711.jsonl`. Names sort by time.
  static func name(_ journal: String) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "yyyyMMdd'T'HHmmss"
    let now = Date()
    let fraction = Int(now.timeIntervalSince1970 * 1e6) % 1_000_000
    let digits = String(fraction)
    let number = serial.add(1, ordering: .relaxed).newValue
    let host = RunProvenance.thisHost.map { $0.isLetter || $0.isNumber ? $0 : "-" }
    return "\(journal).\(formatter.string(from: now))."
      + String(repeating: "0", count: 6 - digits.count) + digits
      + "-\(String(host))-\(getpid())-\(number).jsonl"
  }

  /// Tells journals of one process apart.
  private static let serial = Atomic(0)

  /// Makes a journal's first file with its header in one step, so that nobody sees a part of it.
  ///
  /// - Returns: The file; nil where there is one already.
  /// - Throws: ``RunError/cannotWrite(path:code:)``.
  static func claim(
    _ journal: String, in folder: URL, for header: RunHeader
  ) throws -> AttemptFile? {
    let url = folder.appendingPathComponent("\(journal).jsonl")
    guard !FileManager.default.fileExists(atPath: url.path) else { return nil }
    let temporary = folder.appendingPathComponent(".\(name(url.lastPathComponent)).partial")
    do {
      let file = try create(temporary.path)
      defer { unlink(temporary.path) }
      try file.write(contentsOf: header.line + [UInt8(ascii: "\n")])
      try file.synchronize()
      // The file gets a second name unless somebody has taken it. Where files have but one name, the first comes instead.
      if link(temporary.path, url.path) == 0 {
        return try AttemptFile(at: url, of: journal, header: header, open: file)
      }
      guard errno != EEXIST else { return nil }
      let descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        if errno == EEXIST { return nil }
        throw POSIXError(.init(rawValue: errno) ?? .EIO)
      }
      let other = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try other.write(contentsOf: header.line + [UInt8(ascii: "\n")])
      return try AttemptFile(at: url, of: journal, header: header, open: other)
    } catch {
      throw RunError(cannotWrite: url.path, error)
    }
  }
}
