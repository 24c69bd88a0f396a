internal import COpenBLAS
internal import Foundation

/// Which kernels OpenBLAS uses.
///
/// OpenBLAS chooses them by the processor's model number. A release that is older than the processor does not know the
/// number, and takes kernels for processors without AVX. Debian 12's 0.3.21 does so on Xeons of 2023: decomposing both
/// MLP matrices of SmolLM2's thirty layers took 110 seconds of processor time with the kernels that it chose, 6.8 with
/// Haswell's and 6.1 with SkylakeX' (`laser spectrum --kinds Uin,Uout`, an Intel Xeon of model 207). A product in float32,
/// 1024 × 896 by 896 × 4864, runs at 79 GFLOP/s with Haswell's kernels and 157 with SkylakeX' on one thread.
package enum BLASKernels {
  /// OpenBLAS' names of kernels that use no AVX2.
  private static let withoutVectors: Set = [
    "Katmai", "Coppermine", "Northwood", "Prescott", "Banias", "Atom", "Core2", "Penryn",
    "Dunnington", "Nehalem", "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat", "Nano",
    "Sandybridge", "Generic", "Unknown",
  ]
  /// The variable that names the kernels to use (OpenBLAS' own documentation).
  package static let variable = "OPENBLAS_CORETYPE"

  /// Which kernels to use instead of those that OpenBLAS has chosen.
  ///
  /// - Parameters:
  ///   - chosen: OpenBLAS' name of the kernels that it uses.
  ///   - release: OpenBLAS' number, such as `0.3.21`.
  ///   - bits: The widest vectors of the processor.
  ///   - asked: What the environment names.
  /// - Returns: Their name; nil where the chosen ones are right, or were asked for by name.
  package static func better(
    than chosen: String, of release: String, bits: Int, asked: String?
  ) -> String? {
    guard bits >= 256, asked?.isEmpty ?? true, withoutVectors.contains(chosen) else { return nil }
    return bits >= 512 && hasSoundAVX512(release) ? "SkylakeX" : "Haswell"
  }

  /// Whether the kernels for AVX-512 are right: those of releases before 0.3.16 gave wrong products now and then
  /// (OpenMathLib/OpenBLAS #1955, #2187, #2914, #3152).
  private static func hasSoundAVX512(_ release: String) -> Bool {
    let numbers = release.split(separator: ".").map { Int($0) ?? 0 }
    return !numbers.lexicographicallyPrecedes([0, 3, 16])
  }

  /// OpenBLAS' name of the kernels that it uses now.
  package static var current: String {
    openblas_get_corename().map { String(cString: $0) } ?? "Unknown"
  }

  /// The kernels of all arithmetic, OpenBLAS' and our own, such as `Haswell, AVX-512`: others round differently.
  package static var names: String {
    BLAS.prepare()
    return "\(current), \(Processor.built.name)"
  }

  /// OpenBLAS' release, and the kernels that it uses once they are corrected.
  package static var description: String {
    BLAS.prepare()
    return "OpenBLAS \(release), kernels \(current)"
  }

  /// OpenBLAS' number, such as `0.3.21`.
  package static var release: String {
    let words = openblas_get_config().map { String(cString: $0) }?.split(separator: " ") ?? []
    return words.count > 1 ? String(words[1]) : "unknown"
  }

  /// Has OpenBLAS use kernels for this processor where it has chosen others.
  ///
  /// Called once, before anything else of it.
  static func correct() {
    let asked = ProcessInfo.processInfo.environment[variable]
    guard let kernels = better(than: current, of: release, bits: Processor.here.bits, asked: asked)
    else {
      return
    }
    setenv(variable, kernels, 1)
    _ = openblas_choose_again()
  }
}
