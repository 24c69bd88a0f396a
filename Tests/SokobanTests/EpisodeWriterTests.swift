import Files
import Foundation
import Sokoban
import Testing

struct EpisodeWriterTests {
  let folder: TemporaryFolder
  let episode: Episode
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    episode = try Episode(level: Level(xsb: "######\n#@ $.#\n######\n"), lurd: "rR")
    path = folder.file("episodes.txt")
  }

  @Test func `what is written is read back`() throws {
    let writer = try EpisodeWriter(path: path, description: "one room, twice")
    try writer.append(episode)
    try writer.append(withoutEpisode: "no solution\nat all")
    try writer.append(episode)
    #expect(writer.completed == 3)
    #expect(folder.names == ["episodes.txt.partial"])
    try writer.finish()
    #expect(folder.names == ["episodes.txt"])
    #expect(
      try folder.text("episodes.txt")
        == """
        ; one room, twice

        ; 0
        ######
        #@ $.#
        ######
        Solution: rR

        ; 1: no solution at all

        ; 2
        ######
        #@ $.#
        ######
        Solution: rR


        """)
    let episodes = try EpisodeCollection(contentsOf: [path])
    #expect(episodes.count == 2)
    #expect(try episodes.episode(at: 1) == episode)
  }

  @Test func `a recording cut off anywhere goes on to the same bytes`() throws {
    let writer = try EpisodeWriter(path: path, description: "cut")
    for _ in 0..<2 { try writer.append(episode) }
    try writer.append(withoutEpisode: "skipped")
    try writer.finish()
    let whole = try folder.text("episodes.txt")
    for length in 0...whole.utf8.count {
      try folder.write(String(whole.prefix(length)), to: "episodes.txt.partial")
      let resumed = try EpisodeWriter(path: path, description: "cut")
      let records = whole.prefix(length).dropFirst("; cut\n\n".count).split(
        separator: "\n\n", omittingEmptySubsequences: false)
      #expect(resumed.completed == max(0, records.count - 1))
      for _ in resumed.completed..<max(2, resumed.completed) { try resumed.append(episode) }
      if resumed.completed == 2 { try resumed.append(withoutEpisode: "skipped") }
      try resumed.finish()
      #expect(try folder.text("episodes.txt") == whole)
    }
  }

  @Test func `a recording of something else is not gone on with`() throws {
    try folder.write("; other\n\n; 0\n", to: "episodes.txt.partial")
    #expect(
      throws: EpisodeFileError.partialOfSomethingElse(
        file: path + ".partial", expected: "mine", found: "other")
    ) {
      try EpisodeWriter(path: path, description: "mine")
    }
    #expect(try folder.text("episodes.txt.partial") == "; other\n\n; 0\n")
  }

  @Test func `a recording of something else that has no record is begun anew`() throws {
    try keepingWriter { _ in }
    let writer = try EpisodeWriter(path: path, description: "other")
    #expect(writer.completed == 0)
    try writer.finish()
    #expect(try folder.text("episodes.txt") == "; other\n\n")
  }

  @Test func `a recording of something else with one record is not begun anew`() throws {
    try keepingWriter { try $0.append(episode) }
    #expect(
      throws: EpisodeFileError.partialOfSomethingElse(
        file: path + ".partial", expected: "other", found: "lock")
    ) {
      try EpisodeWriter(path: path, description: "other")
    }
  }

  @Test func `a recording that has a level that is excluded now is not gone on with`() throws {
    let other = LevelClass(try Level(xsb: "#####\n#@$.#\n#####\n"))
    let mirrored = LevelClass(try Level(xsb: "######\n#.$ @#\n######\n"))
    try keepingWriter { writer in
      try writer.append(withoutEpisode: "skipped")
      try writer.append(episode)
      try writer.check(excluding: [])
      try writer.check(excluding: [other])
    }
    let resumed = try EpisodeWriter(path: path, description: "lock")
    try resumed.check(excluding: [other])
    let error = EpisodeFileError.partialWithExcluded(file: path + ".partial", index: 0)
    #expect(throws: error) { try resumed.check(excluding: [other, mirrored]) }
    #expect(error.description.contains("episodes.txt.partial, level 0 is excluded now"))
  }

  @Test func `a recording without a level has none that is excluded`() throws {
    let writer = try EpisodeWriter(path: path, description: "notes")
    try writer.append(withoutEpisode: "skipped")
    try writer.check(excluding: [LevelClass(episode.level)])
  }

  @Test func `two recordings do not write one partial file`() throws {
    let busy = EpisodeFileError.partialInUse(file: path + ".partial")
    try keepingWriter { writer in
      #expect(throws: busy) { try EpisodeWriter(path: path, description: "lock") }
      #expect(throws: busy) { try EpisodeWriter(path: path, description: "other") }
      try writer.append(episode)
    }
    let resumed = try EpisodeWriter(path: path, description: "lock")
    #expect(resumed.completed == 1)
    try resumed.finish()
    // Once the file has its name, the next recording may begin.
    #expect(try EpisodeWriter(path: path, description: "lock").completed == 0)
  }

  /// Begins a recording that ends, unfinished, with the call.
  private func keepingWriter(_ body: (EpisodeWriter) throws -> Void) throws {
    try body(EpisodeWriter(path: path, description: "lock"))
  }

  @Test func `a symbolic link to a file stays, and the file is written`() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("real"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: path, withDestinationPath: "real/episodes.txt")
    for _ in 0..<2 {
      let writer = try EpisodeWriter(path: path, description: "linked")
      #expect(folder.names == ["episodes.txt", "real"])
      try writer.append(episode)
      try writer.finish()
    }
    #expect(try folder.text("real/episodes.txt").hasSuffix("Solution: rR\n\n"))
    try LevelFile.write([episode.level], to: path)
    #expect(try folder.text("real/episodes.txt") == "; 0\n\(episode.level)\n")
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: path)
    #expect(link == "real/episodes.txt")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("real")) == ["episodes.txt"])
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/null"), "needs /dev/null"))
  func `a symbolic link to a device stays, and the device is written`() throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
    let writer = try EpisodeWriter(path: path, description: "linked")
    try writer.append(episode)
    try writer.finish()
    try LevelFile.write([episode.level], to: path)
    #expect(folder.names == ["episodes.txt"])
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: path)
    #expect(link == "/dev/null")
  }

  @Test func `a symbolic link to a pipe stays, and the pipe is written`() throws {
    try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "pipe")
    // Open at both ends, a pipe of a few kilobytes blocks neither.
    let descriptor = open(folder.file("pipe"), O_RDWR)
    let pipe = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try LevelFile.write([episode.level], to: path)
    let expected = Array("; 0\n\(episode.level)\n".utf8)
    #expect(try pipe.read(upToCount: expected.count).map(Array.init) == expected)
    #expect(folder.names == ["episodes.txt", "pipe"])
  }

  @Test func `symbolic links in a circle are an error`() throws {
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "episodes.txt")
    #expect(
      throws: FileError.cannotWrite(path: path, code: ELOOP)
    ) {
      try EpisodeWriter(path: path, description: "circle")
    }
  }

  @Test func `a write that fails halfway leaves whole records, and the recording goes on`() async {
    // The largest size of a file is the process's, so it takes a process of its own.
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let path = folder.file("episodes.txt")
      let episode = try Episode(level: Level(xsb: "######\n#@ $.#\n######\n"), lurd: "rR")
      let writer = try EpisodeWriter(path: path, description: "short")
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit()
      try #require(getrlimit(EpisodeWriterTests.fileSize, &limit) == 0)
      let unlimited = limit
      // The header and a record take 48 bytes, the next record 39.
      limit.rlim_cur = 60
      try #require(setrlimit(EpisodeWriterTests.fileSize, &limit) == 0)
      try writer.append(episode)
      let before = try folder.text("episodes.txt.partial")
      #expect(
        throws: FileError.cannotWrite(path: path + ".partial", code: EFBIG)
      ) {
        try writer.append(episode)
      }
      #expect(writer.completed == 1)
      #expect(try folder.text("episodes.txt.partial") == before)
      limit = unlimited
      try #require(setrlimit(EpisodeWriterTests.fileSize, &limit) == 0)
      try writer.append(episode)
      try writer.finish()
      let record = "\n\(episode.level)Solution: rR\n\n"
      #expect(try folder.text("episodes.txt") == "; short\n\n; 0\(record); 1\(record)")
    }
  }

  #if canImport(Glibc)
    private static var fileSize: Int32 { Int32(RLIMIT_FSIZE.rawValue) }
  #else
    private static var fileSize: Int32 { RLIMIT_FSIZE }
  #endif

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
  func `a full disk is an error`() {
    #expect(throws: FileError.cannotWrite(path: "/dev/full", code: ENOSPC)) {
      let writer = try EpisodeWriter(path: "/dev/full", description: "full")
      try writer.append(episode)
    }
    #expect(throws: FileError.cannotWrite(path: "/dev/full", code: ENOSPC)) {
      try LevelFile.write([episode.level], to: "/dev/full")
    }
  }

  @Test func `a missing folder is an error`() {
    let missing = folder.file("none/episodes.txt")
    #expect(
      throws: FileError.cannotWrite(
        path: missing + ".partial", code: ENOENT)
    ) {
      try EpisodeWriter(path: missing, description: "nowhere")
    }
  }
}
