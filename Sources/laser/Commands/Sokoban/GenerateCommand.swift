import Numerics
import ArgumentParser
import Sokoban

/// `laser sokoban generate` — rooms by gym-sokoban's algorithm.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Generates rooms by gym-sokoban's algorithm.")

  @Option(parsing: .unconditional, help: "How many rooms.")
  var count: Int
  @OptionGroup var rooms: RoomOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var threads: ThreadOptions
  @Option(name: .shortAndLong, help: "The level file to write.", completion: .file())
  var output: String

  /// Rooms that one piece of work generates with the same memory.
  private static let pieceSize = 32

  func validate() throws {
    try CountLimit.check(count, option: "--count")
  }

  func run() throws {
    try OutputPath.checkFile(output)
    let progress = ProgressBar("rooms")
    let pieces = (count + Self.pieceSize - 1) / Self.pieceSize
    let counter = ProgressCounter(total: count, bar: progress)
    let levels = try threads.workers.map(pieces) {
      [count, seed = seed.value, configuration = rooms.configuration] piece in
      var generator = try RoomGenerator(configuration)
      return try (piece * Self.pieceSize..<min(count, (piece + 1) * Self.pieceSize)).map { room in
        // A room depends on its number and the seed alone, not on the thread that makes it.
        var random = SplitMix64(seed: seed, stream: room)
        let level = try generator.room(using: &random)
        counter.advance()
        return level
      }
    }
    try LevelFile.write(levels.joined(), to: output)
    progress.finish("\(count) written to \(output)")
  }
}
