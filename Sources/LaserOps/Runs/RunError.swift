internal import Files
internal import Foundation

/// A share of a run that is not finished.
package struct MissingShare: Equatable, Sendable {
  /// Which share, from 0.
  package let share: Int
  /// How many edits it has.
  package var total: Int
  /// The edits that are not tried.
  package var missing: [String]
}

/// What can be wrong with a run's folder or its journal.
package enum RunError: Error, Equatable, CustomStringConvertible {
  /// A line of a journal that is neither a header nor a finished piece of work.
  case damagedJournal(path: String, line: Int, reason: String)
  /// A journal of another model, other data or other options.
  case foreignJournal(path: String, key: String, expected: String, found: String)
  /// A trial on another number of examples than this run has.
  case foreignTrial(path: String, edit: String, expected: Int, found: Int)
  /// A journal of a version that this program does not know.
  case newerVersion(path: String, found: Int, known: Int)
  /// A journal of an older version, which can be read but not gone on with.
  case olderVersion(path: String, found: Int)
  /// The journal cannot be written; `code` is the system's `errno`.
  case cannotWrite(path: String, code: Int32)
  /// The run's folder cannot be made.
  case cannotMakeFolder(path: String)
  /// A journal that another process is writing.
  case inUse(path: String)
  /// A folder of something else than is asked for.
  case otherRun(folder: String, expected: String, found: StudyName)
  /// The folder of a search or a study of another model, by their fingerprints.
  case otherModel(folder: String, expected: String, found: String)
  /// The folder of trials on other examples or by other rules than what they shall stand beside.
  case otherTrials(folder: String, key: String, expected: String, found: String)
  /// Shares that are not finished.
  case missing([MissingShare])
  /// A folder without a journal.
  case noRun(folder: String)
  /// A search whose trials were not all asked everything.
  case raced(folder: String)
  /// A journal whose search has not come to its end.
  case unfinished(folder: String, trials: Int)
  /// A study's folder without a result.
  case noResult(folder: String)
  /// A result that cannot be read.
  case damagedResult(path: String)

  /// What is wrong, where, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .damagedJournal(let path, let line, let reason):
      "\(path), line \(line): not a journal line (\(reason)); remove the line or start in another folder"
    case .foreignJournal(let path, let key, let expected, let found):
      "\(path) belongs to another search or study: its \(key) is '\(found)', this one's is '\(expected)'; "
        + "choose another output folder or remove the journal"
    case .foreignTrial(let path, let edit, let expected, let found):
      "\(path): the trial of \(edit) has \(found) outcomes, expected \(expected); "
        + "choose another output folder or remove the journal"
    case .newerVersion(let path, let found, let known):
      "\(path) has version \(found) of the format, this program knows \(known); use the laser that wrote it, or a later one"
    case .olderVersion(let path, let found):
      "\(path) has version \(found) of the format; go on with the laser that wrote it, or choose another output "
        + "folder (laser report reads this one)"
    case .cannotWrite(let path, let code):
      "cannot write \(path): \(String(cString: strerror(code))); what is already in it stays and the search can be resumed"
    case .cannotMakeFolder(let path):
      "cannot make the folder \(path): a file is in the way or the place is read-only; name another"
    case .inUse(let path):
      "\(path) is being written by another search or study; wait for it, or choose another output folder"
    case .otherRun(let folder, let expected, let found):
      "\(folder) is the folder of laser study \(found.rawValue); expected one of \(expected)"
    case .otherModel(let folder, let expected, let found):
      "\(folder) is of the model with the fingerprint \(found), expected one of this model's, "
        + "\(expected); name a folder that was made with the same model"
    case .otherTrials(let folder, let key, let expected, let found):
      "the trials in \(folder) are of something else: their \(key) is '\(found)', "
        + "expected '\(expected)'; name a laser search of the same model, task and data, "
        + "or a laser study layers of them with --split validation"
    case .missing(let shares):
      "not finished: "
        + shares.map {
          "share \($0.share) lacks \($0.missing.count) of \($0.total) edits "
            + "(\($0.missing.prefix(3).joined(separator: ", "))\($0.missing.count > 3 ? ", …" : ""))"
        }.joined(separator: "; ")
        + "; run these shares again, or let laser merge --fill compute what is missing"
    case .noRun(let folder):
      "\(folder) has no journal.jsonl; give the output folder of laser search or laser study"
    case .raced(let folder):
      "the search in \(folder) was raced, so that most of its trials have no score; "
        + "search again without --race into another folder"
    case .unfinished(let folder, let trials):
      "the search in \(folder) is not finished: its journal has \(trials) trials and there is no "
        + "result.json yet; run it again with the same arguments to go on"
    case .noResult(let folder):
      "\(folder) has no result.json; it is not the folder of a study, or the study is not finished: "
        + "run it again with the same arguments to go on"
    case .damagedResult(let path):
      "\(path) is not the result it should be; remove it and run the same command again, which costs no trial"
    }
  }
}

extension RunError {
  /// A journal that cannot be written because of an error of the system.
  init(cannotWrite path: String, _ error: any Error) {
    self = .cannotWrite(path: path, code: FileError.code(of: error))
  }

  /// Whether the same command may succeed later: what is in the way goes away by itself or by making room.
  package var isPassing: Bool {
    switch self {
    case .inUse, .missing: true
    case .cannotWrite(_, let code): [ENOSPC, EDQUOT].contains(code)
    default: false
    }
  }
}
