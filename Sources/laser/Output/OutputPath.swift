import Files
import Foundation
import LaserOps

/// Looks at where results will go before the work begins.
enum OutputPath {
  /// Makes sure that a file can come to be at `path`, in place of an earlier one unless that is a model, what the command
  /// reads, or what a run keeps.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - isModel: Whether it will be a model, which may take the place of another.
  ///   - inputs: The files that the command reads.
  /// - Throws: ``OutputError``; `FileError` for symbolic links that run in a circle.
  static func checkFile(_ path: String, isModel: Bool = false, inputs: [String] = []) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw OutputError.isFolder(path)
    }
    if !isModel, holdsModel(path) { throw OutputError.holdsModel(path) }
    let output = URL(userPath: path).path
    if inputs.contains(where: { OpenFile.isSameFile(output, URL(userPath: $0).path) }) {
      throw OutputError.isInput(path)
    }
    let target = URL(fileURLWithPath: try Destination(of: output).path)
    if RunFolder(target.deletingLastPathComponent()).keeps(target.lastPathComponent) {
      throw OutputError.isOfRun(path)
    }
    let parent = URL(userPath: path).deletingLastPathComponent().path
    guard FileManager.default.fileExists(atPath: parent, isDirectory: &isFolder), isFolder.boolValue
    else { throw OutputError.noFolder(parent, for: path) }
    // A pipe or a device is written in place.
    guard !FileManager.default.fileExists(atPath: path) else { return }
    guard FileManager.default.isWritableFile(atPath: parent) else {
      throw OutputError.readOnly(parent)
    }
  }

  /// Whether there is a model at `path`, by its name or its first bytes.
  private static func holdsModel(_ path: String) -> Bool {
    let url = URL(userPath: path)
    guard FileManager.default.fileExists(atPath: url.path) else { return false }
    guard !["gguf", "safetensors"].contains(url.pathExtension) else { return true }
    // A pipe would wait for its writer.
    let type = (try? FileManager.default.attributesOfItem(atPath: url.path))?[.type]
    guard type as? FileAttributeType == .typeRegular,
      let file = try? FileHandle(forReadingFrom: url)
    else { return false }
    return (try? file.read(upToCount: 4)) == Data("GGUF".utf8)
  }

  /// Makes sure that no file is where a folder shall be.
  ///
  /// - Throws: ``OutputError``.
  static func checkFolder(_ path: String) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      throw OutputError.isFile(path)
    }
  }

  /// Makes the folder at `path` unless it is there.
  ///
  /// - Throws: ``OutputError``.
  static func makeFolder(_ path: String) throws -> URL {
    let folder = URL(userPath: path)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw OutputError.cannotMakeFolder(path)
    }
    return folder
  }
}

/// Results cannot go where they should.
enum OutputError: Error, Equatable, CustomStringConvertible {
  /// A model stands where something else should.
  case holdsModel(String)
  /// What the command reads stands where its output should.
  case isInput(String)
  /// A file of a search or a study stands where something else should, or would.
  case isOfRun(String)
  /// Nothing can be written in a folder.
  case readOnly(String)
  /// A folder stands where a file should.
  case isFolder(String)
  /// A file stands where a folder should.
  case isFile(String)
  /// The folder of a file does not exist.
  case noFolder(String, for: String)
  /// A folder cannot be made, because a file is in the way or the place is read-only.
  case cannotMakeFolder(String)
  /// A folder that should be new holds something.
  case notEmpty(String)
  /// Another process trains in the folder.
  case isTraining(String)
  /// A folder has a policy already, that no training goes on with.
  case hasPolicy(String)
  /// A folder has a training of other options.
  case otherTraining(String, field: String, expected: String, found: String)

  var description: String {
    switch self {
    case .holdsModel(let path): "\(path) is a model, which would be lost; name another file"
    case .isInput(let path):
      "\(path) is what the command reads, which would be lost; name another file"
    case .isOfRun(let path):
      "\(path) is a file that a search or a study keeps, which would be lost; name another file"
    case .readOnly(let path): "nothing can be written in \(path); name another place"
    case .isFolder(let path): "\(path) is a folder; name a file"
    case .isFile(let path):
      "\(path) is a file; name a folder, or a file that ends with .gguf"
    case .noFolder(let folder, let path):
      "cannot write \(path): there is no folder \(folder); make it first"
    case .cannotMakeFolder(let path):
      "cannot make the folder \(path): a file is in the way or the place is read-only; name another"
    case .notEmpty(let path): "\(path) is not empty; name a new folder"
    case .isTraining(let path):
      "another process trains the policy in \(path); wait for it, or name another folder"
    case .hasPolicy(let path):
      "\(path) has a policy already, without the state of a training; name another folder, and begin with its weights by "
        + "--from \(path)"
    case .otherTraining(let path, let field, let expected, let found):
      "\(path) has a policy already, of a training whose \(field) is \(found), this one's is \(expected); name another "
        + "folder, or --resume alone to go on with the options that it began with"
    }
  }
}
