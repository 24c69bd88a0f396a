import ArgumentParser
import Sokoban

/// `laser sokoban render` — a level as a picture.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render", abstract: "Draws a level as a PNG.")

  @OptionGroup var choice: LevelChoice
  @Flag(help: "One pixel a cell in gym-sokoban's colours: what a policy sees.")
  var tiny = false
  @Option(name: .shortAndLong, help: "The PNG to write.", completion: .file())
  var output: String

  func run() throws {
    try OutputPath.checkFile(output, inputs: [choice.file])
    let level = try choice.level()
    let image =
      tiny
      ? Image(tilesOf: level.tiles, rows: level.rows, columns: level.columns)
      : Image(spritesOf: level.tiles, rows: level.rows, columns: level.columns)
    try image.write(to: output)
    Output.note("\(image.width) × \(image.height) pixels written to \(output)")
  }
}
