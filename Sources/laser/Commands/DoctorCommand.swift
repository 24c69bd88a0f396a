import ArgumentParser
import Foundation
import Numerics

/// `laser doctor` — what this machine has, and what is slow about it.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Shows what this machine has and what is slow about it.",
    discussion: """
      Processor, threads, BLAS, memory and models, and what to do where one of them is slower than \
      it could be. The exit code is 0 in any case.
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    let machine = MachineFacts.here
    if output.isJSON { return try Output.json(machine) }
    for (name, value) in machine.rows {
      print(name.padding(toLength: 12, withPad: " ", startingAt: 0) + value)
    }
    let advice = machine.advice
    print("")
    if advice.isEmpty { print("Nothing is slower than it could be.") }
    for text in advice { print("! \(text)") }
  }
}

/// What the machine has that decides how fast `laser` is.
struct MachineFacts: Encodable {
  let version: String
  let processor: String
  /// What the kernels were compiled for, and what the processor has.
  let instructionsBuilt: String
  let instructionsHere: String
  /// The threads that commands use unless told otherwise, and the processors of the machine.
  let threads: Int
  let processors: Int
  let blas: String
  /// In bytes; nil where the system does not say.
  let memory: UInt64?
  let freeMemory: UInt64?
  /// The GGUF files in the cache.
  let models: [String]
  /// What is slower than it could be, and what to do.
  let advice: [String]

  enum CodingKeys: String, CodingKey {
    case version, processor, threads, processors, blas, memory, models, advice
    case instructionsBuilt = "instructions_built"
    case instructionsHere = "instructions_here"
    case freeMemory = "free_memory"
  }

  /// Those of this machine.
  static var here: MachineFacts {
    let memory = SystemText.fields(of: "/proc/meminfo")
    func bytes(_ name: String) -> UInt64? {
      memory[name]?.split(separator: " ").first.flatMap { UInt64($0) }.map { $0 * 1_024 }
    }
    // Before OpenBLAS is asked: it may be given better kernels, by the same variable.
    let asked = ProcessInfo.processInfo.environment[BLASKernels.variable]
    return MachineFacts(
      processor: SystemText.fields(of: "/proc/cpuinfo")["model name"] ?? "unknown",
      built: Processor.built, here: Processor.here, threads: Workers.allCores.count,
      processors: ProcessInfo.processInfo.processorCount, blas: BLASKernels.description,
      blasKernel: asked,
      memory: bytes("MemTotal"), freeMemory: bytes("MemAvailable"),
      models: ModelCache.models.map(\.path))
  }

  /// These facts; `blasKernel` is the kernel that the environment forces upon OpenBLAS, nil where it chooses.
  init(
    processor: String, built: Processor.Vectors, here: Processor.Vectors, threads: Int,
    processors: Int, blas: String, blasKernel: String?, memory: UInt64?, freeMemory: UInt64?,
    models: [String]
  ) {
    version = Version.text
    self.processor = processor
    instructionsBuilt = built.name
    instructionsHere = here.name
    self.threads = threads
    self.processors = processors
    self.blas = blas
    self.memory = memory
    self.freeMemory = freeMemory
    self.models = models
    var advice: [String] = []
    if built.bits < here.bits || (here.multipliesBytes && !built.multipliesBytes) {
      advice.append(
        "this binary was built for \(built.name), the processor has \(here.name): "
          + "build it on this machine with make, or with swift build -c release -Xcc -march=native")
    }
    if here.bits == 0 {
      advice.append(
        "the processor has no vectors that there are kernels for (AVX2 or AVX-512): "
          + "everything works, several times slower")
    }
    if let blasKernel, !blasKernel.isEmpty {
      advice.append(
        "\(BLASKernels.variable) is \(blasKernel): OpenBLAS uses that kernel and not the one it would "
          + "choose; unset the variable unless it is there for a reason")
    }
    if threads < processors {
      advice.append(
        "commands use \(threads) of \(processors) processors, which is what this process may use")
    }
    if let freeMemory, freeMemory < 1 << 30 {
      advice.append(
        "less than 1 GB of memory is free: give searches --memory 200M, or free some")
    }
    if models.isEmpty {
      advice.append("no model is in \(ModelCache.folder.path): make model fetches SmolLM2 (93 MB)")
    }
    self.advice = advice
  }

  /// Everything but the advice, for a person.
  var rows: [(String, String)] {
    let instructions =
      instructionsBuilt == instructionsHere
      ? instructionsBuilt
      : "built for \(instructionsBuilt), the processor has \(instructionsHere)"
    func gigabytes(_ bytes: UInt64?) -> String {
      bytes.map { String(format: "%.1f GB", Double($0) / 1e9) } ?? "unknown"
    }
    return [
      ("laser", version), ("processor", processor), ("vectors", instructions),
      ("threads", "\(threads) of \(processors)"), ("BLAS", blas),
      ("memory", "\(gigabytes(memory)), \(gigabytes(freeMemory)) free"),
    ] + (models.isEmpty ? [("models", "none")] : models.map { ("model", $0) })
  }
}

/// Files of the system in lines of a name, a colon and a value.
private enum SystemText {
  /// The first value of every name; none where there is no such file.
  static func fields(of path: String) -> [String: String] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
    let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      return (
        parts[0].trimmingCharacters(in: .whitespaces),
        parts[1].trimmingCharacters(in: .whitespaces)
      )
    }
    return Dictionary(pairs) { first, _ in first }
  }
}
