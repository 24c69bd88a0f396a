import Numerics
import Sokoban

extension EpisodeCollection {
  /// The same levels with the actions of all episodes dealt out at random: a control from which nothing about rooms
  /// can be learned. The solutions do not solve.
  func shufflingActions(seed: UInt64) throws -> EpisodeCollection {
    let episodes = try (0..<count).map(episode(at:))
    var generator = SplitMix64(seed: seed)
    var letters = generator.shuffle(episodes.flatMap { $0.lurd.utf8 })[...]
    var text: [UInt8] = []
    for episode in episodes {
      // Games too: nobody checks what shuffled steps do. What nobody learns from stays so.
      let mistaken = episode.mistakenSteps
      let (played, solution) = (letters.prefix(mistaken), letters.dropFirst(mistaken))
      text += Array("\(episode.level)".utf8)
      text +=
        mistaken > 0
        ? Array("Played: ".utf8) + played + Array("\nCorrected: ".utf8) : Array("Solution: ".utf8)
      text += solution.prefix(episode.actions.count - mistaken) + Array("\n\n".utf8)
      letters = letters.dropFirst(episode.actions.count)
    }
    return try EpisodeCollection(parsing: text, named: "shuffled actions")
  }
}
