import ArgumentParser
import DecisionTransformer
import Foundation
import LaserOps
import Sokoban

/// `laser act` — a policy for programs that step the world themselves.
struct ActCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "act", abstract: "Plays a policy for another program: states in, actions out.",
    discussion: """
      Reads one JSON object a line and answers each with one. "state" is a string of digits, gym's \
      room_state row by row with 6 for the player on a target; "picture" is the tiny picture instead, \
      a list of bytes, red, green and blue of each cell. "reward" is what the action before has \
      earned; it belongs into every line of a game but the first, unless the policy is not told the \
      return. "game" names the game, so that many are played side by side. "end": true forgets one.

        {"game": "a", "state": "0000…"}                   ->  {"action": 3, "game": "a", "step": 0}
        {"game": "a", "state": "0000…", "reward": -0.1}   ->  {"action": 1, "game": "a", "step": 1}
        {"game": "a", "end": true}                        ->  {"game": "a"}
      """)

  @Option(help: "The policy's folder.", completion: .file())
  var policy: String
  @OptionGroup var playing: PlayingOptions
  @OptionGroup var edit: EditOptions
  @OptionGroup var seed: SeedOptions

  func run() throws {
    let policy = try Policy(contentsOf: URL(userPath: policy)).applying(edit.interventions)
    let games = try PolicyGames(of: policy, options: playing.rollout(seed: seed.value))
    let side = (policy.configuration.pictureHeight, policy.configuration.pictureWidth)
    var number = 0
    while let line = readLine() {
      number += 1
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      let request = try ActRequest(line: line, number: number)
      let game = request.game ?? ""
      if request.end == true {
        games.end(game)
        try Output.json(ActAnswer(action: nil, game: request.game, step: nil))
      } else {
        guard
          request.reward != nil || !policy.configuration.readsReturn || !games.hasBegun(game)
        else { throw ActError.noReward(number) }
        let (action, step) = try games.action(
          in: game, seeing: try request.picture(rows: side.0, columns: side.1, line: number),
          reward: request.reward ?? 0)
        try Output.json(ActAnswer(action: Int(action.rawValue), game: request.game, step: step))
      }
    }
  }
}

/// A line that `laser act` reads.
struct ActRequest: Decodable {
  let game: String?
  let state: String?
  let picture: [UInt8]?
  let reward: Double?
  let end: Bool?

  /// - Throws: ``ActError`` for a line that is none.
  init(line: String, number: Int) throws {
    do {
      self = try JSONDecoder().decode(ActRequest.self, from: Data(line.utf8))
    } catch {
      throw ActError.badLine(number)
    }
  }

  /// The tiny picture that is in the line, or that of its state.
  ///
  /// - Throws: ``ActError`` where there is neither, or a state of another size or with other digits.
  func picture(rows: Int, columns: Int, line: Int) throws -> [UInt8] {
    if let picture { return picture }
    guard let state else { throw ActError.nothingSeen(line) }
    let tiles = state.utf8.map { $0 &- UInt8(ascii: "0") }
    guard tiles.count == rows * columns, tiles.allSatisfy({ Tile(rawValue: $0) != nil }) else {
      throw ActError.badState(line: line, count: tiles.count, expected: rows * columns)
    }
    return Image(tilesOf: tiles, rows: rows, columns: columns).bytes
  }
}

/// What `laser act` answers.
private struct ActAnswer: Encodable {
  let action: Int?
  let game: String?
  let step: Int?
}

/// What can be wrong with a line that `laser act` reads.
enum ActError: Error, Equatable, CustomStringConvertible {
  /// A line that is not such a JSON object.
  case badLine(Int)
  /// A line without a state and without a picture.
  case nothingSeen(Int)
  /// A line without what the action before has earned, which the policy is told.
  case noReward(Int)
  /// A state of another size, or with other digits.
  case badState(line: Int, count: Int, expected: Int)

  /// What is wrong, where, what was expected, and what to do.
  var description: String {
    switch self {
    case .badLine(let line):
      "line \(line) of standard input is no request, expected a JSON object with state or picture, "
        + "and game, reward or end where they apply; see laser help act"
    case .nothingSeen(let line):
      "line \(line) of standard input has neither state nor picture, expected one of them"
    case .noReward(let line):
      "line \(line) of standard input has no reward, expected what the game's action before has earned: the policy is "
        + "told what return is left; end a game that is over before another one takes its name"
    case .badState(let line, let count, let expected):
      "line \(line) of standard input has a state of \(count) characters, expected \(expected) "
        + "digits from 0 to 6, row by row, which is the size that the policy was trained on"
    }
  }
}
