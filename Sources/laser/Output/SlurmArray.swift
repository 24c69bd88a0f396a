import Files
import Foundation

/// A search as an array of Slurm jobs, and the merge after it.
struct SlurmArray {
  /// The file of a run's folder that is submitted for its shares.
  static let script = "array.sh"

  /// How many tasks.
  let count: Int
  /// How many tasks merge them at the same time.
  var mergers = 1
  /// Options of sbatch, as a shell reads them.
  let options: String
  /// The run's folder.
  let folder: URL
  /// The command's words without those that only submit.
  var words: [String] = Self.words(of: Array(CommandLine.arguments.dropFirst()))
  /// The program.
  var program = Self.executable
  /// Where the jobs start.
  var directory = FileManager.default.currentDirectoryPath

  private var path: String { folder.standardizedFileURL.path }

  /// The folder as it stands between the quotes of a line of sbatch, where a per cent sign begins what Slurm fills in.
  private var pathInPattern: String {
    var text = String.UnicodeScalarView()
    for scalar in path.unicodeScalars {
      switch scalar {
      case "%": text.append("%")
      case "\"", "\\": text.append("\\")
      default: break
      }
      text.append(scalar)
    }
    return String(text)
  }

  /// The words of a command without `--slurm` and `--dry-run`.
  static func words(of arguments: [String]) -> [String] {
    var words: [String] = []
    var isOption = false
    for word in arguments {
      if isOption {
        isOption = false
      } else if word == "--slurm" {
        isOption = true
      } else if word != "--dry-run", !word.hasPrefix("--slurm=") {
        words.append(word)
      }
    }
    return words
  }

  /// The file that the jobs start: this program's, or that of its build for any processor.
  private static var executable: String {
    FasterBuild.portable(
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        ?? CommandLine.arguments[0])
  }

  /// The job of every share. What ends it for now goes back into the queue.
  var array: String {
    job(
      "laser", tasks: count, log: "share-%a", command: ShellCommand([program] + words).line,
      comesAgain: "[ $code = 75 ]")
  }

  /// The job that follows, whatever became of the shares: it says what is missing, which is no reason to come again.
  ///
  /// Several share the trials of a composition.
  var merge: String {
    let command = ShellCommand([program, "merge", path]).line
    return job(
      "laser-merge", tasks: mergers == 1 ? nil : mergers, log: mergers == 1 ? "merge" : "merge-%a",
      command: mergers == 1 ? command : command + " --merger $SLURM_ARRAY_TASK_ID/\(mergers)",
      comesAgain: "[ $code = 75 ] && [ -n \"$stopped\" ]")
  }

  /// A script for sbatch.
  ///
  /// Before the limit the task is told to stop, which ends it with code 75 and loses at most a minute's work; it then goes
  /// back into the queue, as it does when its node is lost.
  private func job(
    _ name: String, tasks: Int?, log: String, command: String, comesAgain: String
  ) -> String {
    """
    #!/bin/bash
    #SBATCH --job-name=\(name)
    \(tasks.map { "#SBATCH --array=0-\($0 - 1)\n" } ?? "")#SBATCH --requeue
    #SBATCH --open-mode=append
    #SBATCH --signal=B:TERM@30
    #SBATCH --output="\(pathInPattern)/\(log).log"
    #SBATCH \(options)
    cd \(ShellCommand.quoted(directory)) || exit 1
    \(command) &
    task=$! stopped=
    trap 'stopped=yes; kill -TERM $task 2>/dev/null' TERM USR1
    wait $task; code=$?
    # A signal ends the wait before the task.
    while kill -0 $task 2>/dev/null; do wait $task; code=$?; done
    # This task alone, for the number of its job may be that of the whole array; and not what was cancelled or requeued already.
    job=${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID} job=${job:-$SLURM_JOB_ID}
    if \(comesAgain) && [ "${SLURM_RESTART_COUNT:-0}" -lt 1000 ] &&
      [ "$(squeue --noheader --job "$job" --format %T)" = RUNNING ]; then
      scontrol requeue "$job" && sleep 60
    fi
    exit $code

    """
  }

  /// Writes both scripts and submits them, or prints them.
  ///
  /// - Throws: ``SlurmError``; what keeps the scripts from being written.
  func submit(isDry: Bool) throws {
    let scripts = [(Self.script, array), ("merge.sh", merge)]
    guard !isDry else {
      for (name, text) in scripts { print("# \(path)/\(name)\n\(text)") }
      print("# sbatch --parsable \(path)/\(Self.script)")
      print("# sbatch --parsable --dependency=afterany:JOB \(path)/merge.sh")
      return
    }
    guard let sbatch = Self.find("sbatch") else { throw SlurmError.noSbatch }
    _ = try OutputPath.makeFolder(path)
    for (name, text) in scripts {
      try AtomicFile.write(text, to: folder.appendingPathComponent(name))
    }
    let job = try Self.run(sbatch, ["--parsable", "\(path)/\(Self.script)"])
    let merge = try Self.run(
      sbatch, ["--parsable", "--dependency=afterany:\(job)", "\(path)/merge.sh"])
    print(
      "submitted \(count) shares as job \(job), their merge as job \(merge); see laser status \(path)"
    )
  }

  private static func find(_ program: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(program)" }.first(where: FileManager.default.isExecutableFile)
  }

  /// What a program prints, without the cluster's name behind a job's number.
  private static func run(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    // Options of an array that this command itself runs in are not those of the new one.
    process.environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("SLURM_ARRAY_")
    }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard process.terminationStatus == 0 else {
      throw SlurmError.refused(arguments: arguments, code: process.terminationStatus)
    }
    return String(text.prefix { $0 != ";" })
  }
}

/// Why nothing was submitted.
enum SlurmError: Error, Equatable, CustomStringConvertible {
  /// No Slurm on this machine.
  case noSbatch
  /// Slurm would not take a job.
  case refused(arguments: [String], code: Int32)

  var description: String {
    switch self {
    case .noSbatch:
      "--slurm needs sbatch, which is not on the PATH; run this where jobs are submitted, or see the scripts with --dry-run"
    case .refused(let arguments, let code):
      "sbatch \(arguments.joined(separator: " ")) ended with code \(code) and the message above; check the options after --slurm"
    }
  }
}
