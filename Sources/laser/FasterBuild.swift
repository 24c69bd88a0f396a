import Foundation
import Numerics

/// The binary of a release that has the kernels of a newer processor than `laser` itself was built for.
///
/// `make release` builds twice, because the kernels are chosen when they are compiled: `bin/laser` runs on any
/// processor with AVX2, `bin/laser-avx512` beside it on those with AVX-512, VNNI and VBMI, more than twice as fast.
enum FasterBuild {
  /// The file's name, beside `laser`.
  static let name = "laser-avx512"

  /// The path to go on with instead of `binary`; nil where this is the best there is.
  ///
  /// - Parameters:
  ///   - binary: This program.
  ///   - built: The vectors that it was built for.
  ///   - hasAllKernels: Whether the processor has all that the other build uses.
  /// - Returns: An executable file beside `binary`.
  static func path(
    beside binary: URL, built: Processor.Vectors = Processor.built,
    hasAllKernels: Bool = Processor.hasAllKernels
  ) -> String? {
    guard hasAllKernels, built.bits < 512, binary.lastPathComponent != name else { return nil }
    let path = binary.deletingLastPathComponent().appendingPathComponent(name).path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }

  /// The path to start on machines whose processors may be others: for the build that only some of them can run the one
  /// beside it, which goes on as the better one where it can.
  ///
  /// - Parameter path: This program.
  /// - Returns: `laser` beside it where that is an executable file, else `path`.
  static func portable(_ path: String) -> String {
    let binary = URL(fileURLWithPath: path)
    guard binary.lastPathComponent == name else { return path }
    let other = binary.deletingLastPathComponent().appendingPathComponent("laser").path
    return FileManager.default.isExecutableFile(atPath: other) ? other : path
  }

  /// Becomes the other build, with the same words, where there is one; returns where there is none.
  static func takeOver() {
    guard let binary = Bundle.main.executableURL?.resolvingSymlinksInPath(),
      let path = path(beside: binary)
    else { return }
    var words = CommandLine.arguments.map { strdup($0) } + [nil]
    // Returns only where it failed; this build can do all the other can.
    execv(path, &words)
    for word in words { free(word) }
  }
}
