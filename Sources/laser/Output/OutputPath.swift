import Foundation

/// Looks at where results will go before the work begins.
enum OutputPath {
  /// Makes sure that a file can come to be at `path`.
  ///
  /// - Throws: ``OutputError``.
  static func checkFile(_ path: String) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw OutputError.isFolder(path)
    }
    let parent = URL(userPath: path).deletingLastPathComponent().path
    guard FileManager.default.fileExists(atPath: parent, isDirectory: &isFolder), isFolder.boolValue
    else { throw OutputError.noFolder(parent, for: path) }
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
  /// A folder has a policy already.
  case hasPolicy(String)
  /// A folder has a training of other options.
  case otherTraining(String, field: String, expected: String, found: String)

  var description: String {
    switch self {
    case .isFolder(let path): "\(path) is a folder; name a file"
    case .isFile(let path):
      "\(path) is a file; name a folder, or a file that ends with .gguf"
    case .noFolder(let folder, let path):
      "cannot write \(path): there is no folder \(folder); make it first"
    case .cannotMakeFolder(let path):
      "cannot make the folder \(path): a file is in the way or the place is read-only; name another"
    case .notEmpty(let path): "\(path) is not empty; name a new folder"
    case .hasPolicy(let path):
      "\(path) has a policy already; name another folder, or --resume to train it on"
    case .otherTraining(let path, let field, let expected, let found):
      "\(path) has a policy already, of a training whose \(field) is \(found), this one's is \(expected); name another "
        + "folder, or --resume alone to go on with the options that it began with"
    }
  }
}
