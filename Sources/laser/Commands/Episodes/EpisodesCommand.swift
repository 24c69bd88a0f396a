import ArgumentParser

/// `laser episodes` — solutions and games: what a policy learns from.
struct EpisodesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "episodes", abstract: "Records and checks episodes: solutions and games.",
    subcommands: [RecordCommand.self, CheckCommand.self])
}
