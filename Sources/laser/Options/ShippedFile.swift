import Foundation

/// A file or folder that comes with the project: in its tree, or where `make install` has put it.
struct ShippedFile {
  /// Where it is in the project's tree, such as `checkpoints/four-box`.
  let pathInTree: String
  /// Where it is in the folder of shared files of an installation.
  let installedPath: String
  /// The option that names another.
  let option: String

  static let episodes = ShippedFile(
    pathInTree: "episodes", installedPath: "episodes", option: "--episodes")
  static let policy = ShippedFile(
    pathInTree: "checkpoints/four-box", installedPath: "checkpoints/four-box", option: "--shipped")
  static let questions = ShippedFile(
    pathInTree: "Sources/laser/Demo/counterfact.json", installedPath: "counterfact.json",
    option: "--questions")

  /// `PREFIX/share/laser` of the binary `PREFIX/bin/laser`, links followed.
  static var installedFolder: URL {
    let binary = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    return binary.resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("share/laser")
  }

  /// The path to use: the one that was named, else the one in the current folder, else the installed one.
  ///
  /// - Parameters:
  ///   - named: What the user named; nil where nothing.
  ///   - installed: The folder of shared files.
  /// - Returns: The path, relative where the file is in the current folder.
  /// - Throws: ``ShippedFileError`` where nothing was named and the file is in neither place.
  func path(named: String?, installed: URL = installedFolder) throws -> String {
    if let named { return named }
    let candidates = [pathInTree, installed.appendingPathComponent(installedPath).path]
    guard let path = candidates.first(where: FileManager.default.fileExists) else {
      throw ShippedFileError.notFound(self, installed: installed.path)
    }
    return path
  }
}

/// What comes with the project is not there.
enum ShippedFileError: Error, CustomStringConvertible {
  /// The file is neither in the current folder nor in the installation's.
  case notFound(ShippedFile, installed: String)

  var description: String {
    switch self {
    case .notFound(let file, let installed):
      "neither \(file.pathInTree) in this folder nor \(installed)/\(file.installedPath) exists: "
        + "run the command in the project's folder, install laser with make install, or name the "
        + "path with \(file.option)"
    }
  }
}
