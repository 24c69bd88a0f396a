internal import COpenBLAS

/// The kernels of the linear algebra.
package enum ProcessorKernel {
  /// What OpenBLAS chose for this processor, such as `SkylakeX`; other kernels round differently.
  package static var name: String {
    openblas_get_corename().map { String(cString: $0) } ?? "unknown"
  }
}
