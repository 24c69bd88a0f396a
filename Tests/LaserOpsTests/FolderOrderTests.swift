import Foundation
import Testing

/// The check of `make lint` that keeps the folders of a module in an order.
@Suite struct FolderOrderTests {
  /// What the check says of a module `House` with these files, whose folders are `Cellar` below `Attic`.
  private func check(
    _ files: [String: String], allowed: String = ""
  ) throws -> (status: Int32, output: String) {
    try withTemporaryFolder { folder in
      func write(_ text: String, to path: String) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      for (path, text) in files { try write(text, to: "Sources/House/\(path)") }
      try write("House: Cellar Attic\n", to: "Scripts/folders.txt")
      try write(allowed, to: "Scripts/folders-allowed.txt")
      let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let process = Process()
      process.executableURL = repository.appending(path: "Scripts/check-folders.sh")
      process.arguments = [folder.path]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let text = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
  }

  private let attic = "/// Up there.\npublic struct Roof {}\n"

  @Test func `a use of a later folder is named with file, line and type`() throws {
    let found = try check([
      "Attic/Roof.swift": attic, "Cellar/Wall.swift": "struct Wall {\n  let roof: Roof\n}\n",
    ])
    #expect(found.status == 1)
    #expect(found.output.contains("Cellar/Wall.swift:2: Cellar uses Roof"), "\(found.output)")
  }

  @Test func `a use of an earlier folder, a comment, a text and a member are none`() throws {
    let found = try check([
      "Attic/Roof.swift": attic + "let wall = Wall()\n",
      "Cellar/Wall.swift": """
      /// Carries a ``Roof``.
      struct Wall {
        let name = "Roof"
        let long = \"\"\"
          A Roof.
          \"\"\"
        let kind = Parts.Roof.self
      }
      """,
    ])
    #expect(found.status == 0, "\(found.output)")
  }

  @Test func `a folder without a place is named`() throws {
    let found = try check(["Garden/Tree.swift": "struct Tree {}\n"])
    #expect(found.status == 1 && found.output.contains("the folder Garden of House"))
  }

  @Test func `an exception holds, and is to be removed when it is not needed any more`() throws {
    let exception = "Sources/House/Cellar/Wall.swift Roof  # a reason\n"
    let used = [
      "Attic/Roof.swift": attic, "Cellar/Wall.swift": "struct Wall {\n  let roof: Roof\n}\n",
    ]
    #expect(try check(used, allowed: exception).status == 0)
    let found = try check(["Attic/Roof.swift": attic], allowed: exception)
    #expect(found.status == 1 && found.output.contains("not needed any more"), "\(found.output)")
  }
}
