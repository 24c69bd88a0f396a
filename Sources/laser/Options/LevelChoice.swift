import ArgumentParser
import Sokoban

/// One level of a file.
struct LevelChoice: ParsableArguments {
  @Argument(help: "A level file (XSB, Boxoban or episodes).", completion: .file())
  var file: String

  @Option(parsing: .unconditional, help: "The level's place in the file, counted from 0.")
  var index = 0

  func level() throws -> Level {
    try LevelFile(contentsOf: file).level(at: index)
  }
}
