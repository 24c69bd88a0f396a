import Reports
import DecisionTransformer
import Foundation
import Sokoban

/// Games to step through, the policies side by side; film strips where no script runs, and on paper.
struct GameViewer {
  let games: ComparedGames

  /// What the script plays: a level's first picture as digits, then what each step changes.
  private struct Screen: Encodable {
    let caption: String
    let group: Int
    let rows: Int
    let columns: Int
    let start: String
    let plays: [Track]
  }

  private struct Track: Encodable {
    let end: String
    /// For every step the return after it, then cell and new tile of each change.
    let steps: [[Double]]
  }

  private struct Script: Encodable {
    let players: [String]
    let groups: [String]
    let screens: [Screen]
  }

  /// Pictures in a strip.
  private static let pictures = 7

  /// The viewer and the strips.
  ///
  /// - Throws: `LevelError` for a level that was changed by hand, `ImageError`.
  func markup() throws -> [Markup] {
    var screens: [Screen] = []
    var strips: [Markup] = []
    for (place, group) in games.groups.enumerated() {
      strips.append(.element("h3", [:], .text(group.title)))
      for game in group.games {
        let level = try Level(xsb: game.level)
        let tracks = game.plays.map { $0.frames(of: level) }
        screens.append(
          Screen(
            caption: "level \(game.number)", group: place, rows: level.rows, columns: level.columns,
            start: String(decoding: level.tiles.map { $0 + UInt8(ascii: "0") }, as: UTF8.self),
            plays: zip(game.plays, tracks).map { play, frames in
              Track(end: play.end, steps: zip(frames, frames.dropFirst()).map(Self.changes))
            }))
        for ((name, play), frames) in zip(zip(games.players, game.plays), tracks) {
          strips.append(
            try strip(
              of: frames.map(\.tiles), level: level,
              caption: "level \(game.number), \(name): \(play.end)"))
        }
      }
    }
    guard !screens.isEmpty else { return strips }
    let script = Script(
      players: games.players, groups: games.groups.map(\.title), screens: screens)
    return [try viewer(script), .element("div", ["class": "strips"], strips), Self.behaviour]
  }

  private func viewer(_ script: Script) throws -> Markup {
    // Nothing in JSON may end the element that holds it.
    let json = try Output.jsonText(script).replacingOccurrences(of: "<", with: "\\u003c")
    let sheet = Data(try Image.tileSheet.png()).base64EncodedString()
    return .element(
      "figure",
      [
        "class": "viewer", "tabindex": "0", "hidden": "",
        "aria-label": "Games, step by step; arrow keys step, the space bar plays",
      ],
      .element("img", ["src": "data:image/png;base64,\(sheet)", "alt": "", "hidden": ""]),
      .element("script", ["type": "application/json"], .trusted(json)))
  }

  private static func changes(
    _ before: (tiles: [UInt8], totalReturn: Double), _ after: (tiles: [UInt8], totalReturn: Double)
  ) -> [Double] {
    let cells = after.tiles.indices.filter { before.tiles[$0] != after.tiles[$0] }
    return [(after.totalReturn * 10).rounded() / 10]
      + cells.flatMap { [Double($0), Double(after.tiles[$0])] }
  }

  /// The first and the last picture and evenly spaced ones between them.
  private func strip(of states: [[UInt8]], level: Level, caption: String) throws -> Markup {
    let count = min(Self.pictures, states.count)
    let frames = (0..<count).map { frame in
      let state = count == 1 ? 0 : frame * (states.count - 1) / (count - 1)
      return Image(spritesOf: states[state], rows: level.rows, columns: level.columns)
    }
    let data = Data(try Image.strip(of: frames, gap: 6).png()).base64EncodedString()
    return .element(
      "figure", [:],
      .element(
        "img", ["src": "data:image/png;base64,\(data)", "alt": caption, "class": "pixels"]),
      .element("figcaption", [:], .text(caption)))
  }
}

extension Image {
  /// Every tile in the order of its number, side by side.
  fileprivate static var tileSheet: Image {
    let tiles = Tile.allCases.map(\.rawValue)
    return Image(spritesOf: tiles, rows: 1, columns: tiles.count)
  }
}
