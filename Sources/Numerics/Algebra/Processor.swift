internal import CProcessor

/// What the arithmetic was compiled for, and what the processor has.
package enum Processor {
  /// What vectors are, with a product of bytes or without.
  package struct Vectors: Equatable, Sendable {
    /// The width in bits; 0 for what every processor of its kind has.
    package let bits: Int
    /// Whether bytes are multiplied sixty-four at once (AVX-512 VNNI).
    package let multipliesBytes: Bool

    /// Vectors of `bits` bits.
    package init(bits: Int, multipliesBytes: Bool) {
      self.bits = bits
      self.multipliesBytes = multipliesBytes
    }

    /// The names of the instructions on x86.
    package var name: String {
      switch bits {
      case 512: multipliesBytes ? "AVX-512 with VNNI" : "AVX-512"
      case 256: "AVX2"
      default: "no vector extensions"
      }
    }
  }

  /// What the kernels were compiled for.
  package static var built: Vectors {
    Vectors(
      bits: Int(processor_vectors_built()), multipliesBytes: processor_bytes_built() != 0)
  }

  /// What the processor has of that for which there are kernels.
  package static var here: Vectors {
    Vectors(bits: Int(processor_vectors_here()), multipliesBytes: processor_bytes_here() != 0)
  }

  /// Whether the processor has all that any kernel uses, so that a build for the newest would run.
  package static var hasAllKernels: Bool { processor_has_all_kernels() != 0 }
}
