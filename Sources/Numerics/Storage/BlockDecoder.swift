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
    case .q4K: eachBlock(q4K)
    case .q5K: eachBlock(q5K)
    case .q6K: eachBlock(q6K)
    default: preconditionFailure("\(type) elements cannot be decoded")
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

  /// Scale and minimum of sub-block `index` of 8, six bits each, packed into 12 bytes.
  @inline(__always)
  static func scaleAndMinimum(
    _ packed: UnsafeRawPointer, _ index: Int
  ) -> (scale: Float, minimum: Float) {
    if index < 4 {
      return (Float(byte(packed, at: index) & 63), Float(byte(packed, at: index + 4) & 63))
    }
    let low = byte(packed, at: index + 4)
    return (
      Float(low & 15 | (byte(packed, at: index - 4) &>> 6) &<< 4),
      Float(low &>> 4 | (byte(packed, at: index) &>> 6) &<< 4)
    )
  }

  /// Sixteen bytes as numbers from 0 to 255.
  @inline(__always)
  private static func numbers(_ source: UnsafeRawPointer) -> SIMD16<Int32> {
    processor_widen(source.loadUnaligned(as: SIMD16<UInt8>.self))
  }

  /// Sixteen bits, the lowest first, as numbers 0 and 16: the fifth bits of numbers of five.
  @inline(__always)
  private static func fifthBits(_ bits: UInt32) -> SIMD16<Int32> {
    let places = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    return ((SIMD16(repeating: Int32(bitPattern: bits)) &>> places) & 1) &<< 4
  }
}

// MARK: - Blocks of 32

extension BlockDecoder {
  @inline(__always)
  private static func q40(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    // A minimum of −0 leaves every product as it is, its sign included.
    processor_expand_pairs(
      float16(block, at: 0), 8, -0.0,
      (block + 2).assumingMemoryBound(to: UInt8.self), result, result + 16)
  }

  // The product of 11 and of four significant bits is exact, so that one rounding gives what two do.
  @inline(__always)
  private static func q41(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    processor_expand_pairs(
      float16(block, at: 0), 0, float16(block, at: 2),
      (block + 4).assumingMemoryBound(to: UInt8.self), result, result + 16)
  }

  @inline(__always)
  private static func q50(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let high = block.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
    let pairs = numbers(block + 6)
    let first = (pairs & 15 | fifthBits(high)) &- 16
    let second = (pairs &>> 4 | fifthBits(high &>> 16)) &- 16
    (scale * processor_floats(first)).store(to: result)
    (scale * processor_floats(second)).store(to: result + 16)
  }

  @inline(__always)
  private static func q51(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let minimum = float16(block, at: 2)
    let high = block.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
    let pairs = numbers(block + 8)
    let first = pairs & 15 | fifthBits(high)
    let second = pairs &>> 4 | fifthBits(high &>> 16)
    (scale * processor_floats(first) + minimum).store(to: result)
    (scale * processor_floats(second) + minimum).store(to: result + 16)
  }

  @inline(__always)
  private static func q80(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    processor_expand_bytes(
      float16(block, at: 0), (block + 2).assumingMemoryBound(to: Int8.self), result)
  }
}

// MARK: - Super-blocks of 256

extension BlockDecoder {
  private static func q4K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let minimum = float16(block, at: 2)
    for run in 0..<4 {
      let first = scaleAndMinimum(block + 4, 2 * run)
      let second = scaleAndMinimum(block + 4, 2 * run + 1)
      let (scale0, minimum0) = (scale * first.scale, minimum * first.minimum)
      let (scale1, minimum1) = (scale * second.scale, minimum * second.minimum)
      for half in 0..<2 {
        let pairs = numbers(block + (16 + 32 * run + 16 * half))
        let target = result + (64 * run + 16 * half)
        (scale0 * processor_floats(pairs & 15) - minimum0).store(to: target)
        (scale1 * processor_floats(pairs &>> 4) - minimum1).store(to: target + 32)
      }
    }
  }

  private static func q5K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let minimum = float16(block, at: 2)
    for run in 0..<4 {
      let first = scaleAndMinimum(block + 4, 2 * run)
      let second = scaleAndMinimum(block + 4, 2 * run + 1)
      let (scale0, minimum0) = (scale * first.scale, minimum * first.minimum)
      let (scale1, minimum1) = (scale * second.scale, minimum * second.minimum)
      let shift = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: 2 * run))
      for half in 0..<2 {
        let pairs = numbers(block + (48 + 32 * run + 16 * half))
        let bits = numbers(block + (16 + 16 * half)) &>> shift
        let low = pairs & 15 | (bits & 1) &<< 4
        let high = pairs &>> 4 | (bits &>> 1 & 1) &<< 4
        let target = result + (64 * run + 16 * half)
        (scale0 * processor_floats(low) - minimum0).store(to: target)
        (scale1 * processor_floats(high) - minimum1).store(to: target + 32)
      }
    }
  }

  private static func q6K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 208)
    for half in 0..<2 {
      for part in 0..<2 {
        let first = numbers(block + (64 * half + 16 * part))
        let second = numbers(block + (64 * half + 32 + 16 * part))
        let bits = numbers(block + (128 + 32 * half + 16 * part))
        let parts = (
          first & 15 | (bits & 3) &<< 4, second & 15 | (bits &>> 2 & 3) &<< 4,
          first &>> 4 | (bits &>> 4 & 3) &<< 4, second &>> 4 | (bits &>> 6 & 3) &<< 4
        )
        @inline(__always)
        func write(_ numbers: SIMD16<Int32>, _ index: Int) {
          let own = scale * Float(signedByte(block, at: 192 + 8 * half + part + 2 * index))
          (own * processor_floats(numbers &- 32))
            .store(to: result + (128 * half + 32 * index + 16 * part))
        }
        write(parts.0, 0)
        write(parts.1, 1)
        write(parts.2, 2)
        write(parts.3, 3)
      }
    }
  }
}
