import DecisionTransformer
import Sokoban
import Testing

/// Rooms of 5 × 6 cells with one box, in every solvable arrangement, and optimal episodes of them: enough to learn
/// something from in a few seconds.
enum SmallRooms {
  /// A model for these rooms.
  static var configuration: PolicyConfiguration {
    var configuration = PolicyConfiguration()
    configuration.width = 32
    configuration.layers = 2
    configuration.heads = 2
    configuration.mlpWidth = 64
    configuration.contextSteps = 5
    configuration.maximumSteps = 24
    configuration.pictureHeight = 5
    configuration.pictureWidth = 6
    configuration.encoder.channels = [16, 16]
    configuration.encoder.residualBlocks = 1
    return configuration
  }

  /// Options for these rooms.
  static var options: TrainingOptions {
    var options = TrainingOptions()
    options.steps = 80
    options.batch = 24
    options.warmUpSteps = 10
    options.learningRate = 3e-3
    options.augments = false
    return options
  }

  /// Every solvable arrangement of player, box and target.
  static let episodes: [Episode] = {
    var episodes: [Episode] = []
    var solver = Solver()
    let inside = (1...3).flatMap { row in (1...4).map { row * 6 + $0 } }
    for box in inside {
      for target in inside where target != box {
        for player in inside where player != box {
          var fixed = [FixedTile](repeating: .wall, count: 30)
          for cell in inside { fixed[cell] = .floor }
          fixed[target] = .target
          guard
            let level = try? Level(rows: 5, columns: 6, fixed: fixed, boxes: [box], player: player),
            let solution = try? solver.solve(level)
          else { continue }
          episodes.append(Episode(level: level, actions: solution.actions))
        }
      }
    }
    return episodes
  }()

  /// The text of `episodes`, as a file holds them.
  static func collection(_ episodes: [Episode]) throws -> EpisodeCollection {
    let text = episodes.map(\.text).joined(separator: "\n")
    return try EpisodeCollection(parsing: Array(text.utf8), named: "small rooms")
  }

  /// All episodes but every fifth, or every fifth.
  static func dataset(heldOut: Bool = false) throws -> EpisodeDataset {
    let chosen = episodes.enumerated().filter { ($0.offset % 5 == 0) == heldOut }.map(\.element)
    return try EpisodeDataset(try collection(chosen), for: configuration)
  }
}
