internal import CProcessor

/// Stored elements to 32-bit floats, for every weight type of safetensors and GGUF.
///
/// The layouts are those of ggml's block structures; the results are equal to those of the `gguf` package's dequantisers to
/// the last bit. ``plain(_:_:_:)`` is the specification, element by element; here sixteen elements are decoded at once.
enum BlockDecoder {
  /// Decodes `count` elements.
  ///
  /// - Precondition: `count` is a whole number of blocks, `source` has their bytes, `target` has room for `count`.
  static func decode(
    _ type: ElementType, from source: UnsafeRawPointer, count: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    // SAFETY: block `index` starts `index · blockBytes` after `source` and fills `blockLength`
    // elements of `target`; the precondition covers both.
    @inline(__always)
    func eachBlock(_ body: (UnsafeRawPointer, UnsafeMutablePointer<Float>) -> Void) {
      for index in 0..<count / type.blockLength {
        body(source + index * type.blockBytes, target + index * type.blockLength)
      }
    }
    @inline(__always)
    func eachBlock<Entry>(
      _ grid: [Entry],
      _ body: (UnsafeRawPointer, UnsafeMutablePointer<Float>, UnsafePointer<Entry>) -> Void
    ) {
      grid.withUnsafeBufferPointer { grid in
        guard let entries = grid.baseAddress else { return }
        eachBlock { body($0, $1, entries) }
      }
    }
    switch type {
    case .float32:
      UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: 4 * count)
    case .float16:
      for index in stride(from: 0, to: count & ~15, by: 16) {
        processor_halves(source + 2 * index).store(to: target + index)
      }
      for index in count & ~15..<count { target[index] = float16(source, at: 2 * index) }
    case .bfloat16:
      for index in 0..<count { target[index] = bfloat16(source, at: 2 * index) }
    case .q40: eachBlock { q40($0, $1) }
    case .q41: eachBlock { q41($0, $1) }
    case .q50: eachBlock { q50($0, $1) }
    case .q51: eachBlock { q51($0, $1) }
    case .q80: eachBlock { q80($0, $1) }
    case .q2K: eachBlock(q2K)
    case .q3K: eachBlock(q3K)
    case .q4K: eachBlock(q4K)
    case .q5K: eachBlock(q5K)
    case .q6K: eachBlock(q6K)
    case .iq4NL: eachBlock { iq4NL($0, $1) }
    case .iq4XS: eachBlock(iq4XS)
    case .mxfp4: eachBlock { mxfp4($0, $1) }
    case .nvfp4: eachBlock(nvfp4)
    case .q10: eachBlock(q10)
    case .tq10: eachBlock(tq10)
    case .tq20: eachBlock(tq20)
    case .iq1S: eachBlock(BlockGrids.iq1, iq1S)
    case .iq1M: eachBlock(BlockGrids.iq1, iq1M)
    case .iq2XXS: eachBlock(BlockGrids.iq2XXS, iq2XXS)
    case .iq2XS: eachBlock(BlockGrids.iq2XS, iq2XS)
    case .iq2S: eachBlock(BlockGrids.iq2S, iq2S)
    case .iq3XXS: eachBlock(BlockGrids.iq3XXS, iq3XXS)
    case .iq3S: eachBlock(BlockGrids.iq3S, iq3S)
    case .float64, .float8E4M3, .float8E5M2, .int64, .int32, .int16, .int8, .uint64, .uint32,
      .uint16, .uint8, .bool:
      preconditionFailure("\(type) elements cannot be decoded")
    }
  }
}

// MARK: - Parts of blocks

extension BlockDecoder {
  @inline(__always)
  static func float16(_ source: UnsafeRawPointer, at offset: Int) -> Float {
    processor_half(source.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  @inline(__always)
  static func bfloat16(_ source: UnsafeRawPointer, at offset: Int) -> Float {
    let bits = source.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    return Float(bitPattern: UInt32(bits) << 16)
  }

  @inline(__always)
  static func byte(_ source: UnsafeRawPointer, at offset: Int) -> Int32 {
    Int32(source.load(fromByteOffset: offset, as: UInt8.self))
  }

  @inline(__always)
  static func signedByte(_ source: UnsafeRawPointer, at offset: Int) -> Int32 {
    Int32(source.load(fromByteOffset: offset, as: Int8.self))
  }

  @inline(__always)
  static func short(_ source: UnsafeRawPointer, at offset: Int) -> UInt32 {
    UInt32(source.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  @inline(__always)
  static func word(_ source: UnsafeRawPointer, at offset: Int) -> UInt32 {
    source.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
  }

  /// Number `index` of four bits, two a byte, the low ones first.
  @inline(__always)
  static func nibble(_ source: UnsafeRawPointer, _ index: Int) -> Int32 {
    byte(source, at: index / 2) &>> Int32(truncatingIfNeeded: 4 * (index & 1)) & 15
  }

  /// Sixteen bytes as numbers from 0 to 255.
  @inline(__always)
  static func numbers(_ source: UnsafeRawPointer) -> SIMD16<Int32> {
    processor_widen(source.loadUnaligned(as: SIMD16<UInt8>.self))
  }

  /// The same number in every lane.
  @inline(__always)
  static func lanes(_ number: Int) -> SIMD16<Int32> {
    SIMD16(repeating: Int32(truncatingIfNeeded: number))
  }
}
