import LaserOps

extension RunProvenance {
  /// This program, with where its model and its data lie.
  static func current(model: String? = nil, data: [String] = []) -> RunProvenance {
    RunProvenance(
      program: "laser \(Version.text)", command: ShellCommand.current.text,
      arguments: Array(CommandLine.arguments.dropFirst()), model: model, data: data)
  }
}
