internal import CProcessor

/// Stored elements to 32-bit floats, for every weight type of safetensors and GGUF.
///
/// The layouts are those of ggml's block structures; the order of the operations is that of the `gguf` package's
/// dequantisers, so that the results are equal to the last bit.
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
      for index in 0..<count { target[index] = float16(source, at: 2 * index) }
    case .bfloat16:
      for index in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        target[index] = Float(bitPattern: UInt32(bits) << 16)
      }
    case .q40: eachBlock { q40($0, $1) }
    case .q41: eachBlock { q41($0, $1) }
    case .q50: eachBlock(q50)
    case .q51: eachBlock(q51)
    case .q80: eachBlock { q80($0, $1) }
    case .q4K: eachBlock(q4K)
    case .q5K: eachBlock(q5K)
    case .q6K: eachBlock(q6K)
    default: preconditionFailure("\(type) elements cannot be decoded")
    }
  }

  @inline(__always)
  private static func float16(_ source: UnsafeRawPointer, at offset: Int) -> Float {
    processor_half(source.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  @inline(__always)
  private static func byte(_ source: UnsafeRawPointer, at offset: Int) -> Int32 {
    Int32(source.load(fromByteOffset: offset, as: UInt8.self))
  }

  @inline(__always)
  private static func signedByte(_ source: UnsafeRawPointer, at offset: Int) -> Int32 {
    Int32(source.load(fromByteOffset: offset, as: Int8.self))
  }
}

// MARK: - Blocks of 32

extension BlockDecoder {
  /// scale f16, then 16 bytes: low nibbles are elements 0–15, high ones 16–31; value (q − 8) · scale.
  @inline(__always)
  private static func q40(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    // A minimum of −0 leaves every product as it is, its sign included.
    processor_expand_pairs(
      float16(block, at: 0), 8, -0.0,
      (block + 2).assumingMemoryBound(to: UInt8.self), result, result + 16)
  }

  /// The specification of Q4_0: element `index` of a block.
  static func plainQ40(_ block: UnsafeRawPointer, _ index: Int) -> Float {
    let pair = byte(block, at: 2 + index % 16)
    return float16(block, at: 0) * Float((index < 16 ? pair & 15 : pair &>> 4) &- 8)
  }

  /// scale f16, minimum f16, then nibbles as in Q4_0; value q · scale + minimum.
  ///
  /// The product of 11 and of four significant bits is exact, so that one rounding gives what two do.
  @inline(__always)
  private static func q41(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    processor_expand_pairs(
      float16(block, at: 0), 0, float16(block, at: 2),
      (block + 4).assumingMemoryBound(to: UInt8.self), result, result + 16)
  }

  /// The specification of Q4_1: element `index` of a block.
  static func plainQ41(_ block: UnsafeRawPointer, _ index: Int) -> Float {
    let pair = byte(block, at: 4 + index % 16)
    let number = index < 16 ? pair & 15 : pair &>> 4
    return float16(block, at: 0) * Float(number) + float16(block, at: 2)
  }

  /// scale f16, 32 fifth bits, then nibbles; value (q − 16) · scale.
  private static func q50(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let high = block.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
    for index in 0..<16 {
      let pair = byte(block, at: 6 + index)
      let bits = Int32(truncatingIfNeeded: high &>> UInt32(truncatingIfNeeded: index))
      result[index] = scale * Float((pair & 15 | (bits & 1) &<< 4) &- 16)
      result[index + 16] = scale * Float((pair &>> 4 | (bits &>> 16 & 1) &<< 4) &- 16)
    }
  }

  /// scale f16, minimum f16, 32 fifth bits, then nibbles; value q · scale + minimum.
  private static func q51(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let minimum = float16(block, at: 2)
    let high = block.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
    for index in 0..<16 {
      let pair = byte(block, at: 8 + index)
      let bits = Int32(truncatingIfNeeded: high &>> UInt32(truncatingIfNeeded: index))
      result[index] = scale * Float(pair & 15 | (bits & 1) &<< 4) + minimum
      result[index + 16] = scale * Float(pair &>> 4 | (bits &>> 16 & 1) &<< 4) + minimum
    }
  }

  /// scale f16, then 32 signed bytes; value q · scale.
  @inline(__always)
  private static func q80(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    processor_expand_bytes(
      float16(block, at: 0), (block + 2).assumingMemoryBound(to: Int8.self), result)
  }

  /// The specification of Q8_0: element `index` of a block.
  static func plainQ80(_ block: UnsafeRawPointer, _ index: Int) -> Float {
    float16(block, at: 0) * Float(signedByte(block, at: 2 + index))
  }
}

// MARK: - Super-blocks of 256

extension BlockDecoder {
  /// Scale and minimum of sub-block `index` of 8, six bits each, packed into 12 bytes.
  @inline(__always)
  private static func scaleAndMinimum(
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

  /// scale f16, minimum scale f16, 12 bytes of sub-block scales, 128 bytes of nibbles: each run of 32 bytes is
  /// two sub-blocks of 32, low nibbles first; value scale · s · q − minimum · m.
  private static func q4K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let minimum = float16(block, at: 2)
    for run in 0..<4 {
      let first = scaleAndMinimum(block + 4, 2 * run)
      let second = scaleAndMinimum(block + 4, 2 * run + 1)
      let (scale0, minimum0) = (scale * first.scale, minimum * first.minimum)
      let (scale1, minimum1) = (scale * second.scale, minimum * second.minimum)
      let source = block + 16 + 32 * run
      let target = result + 64 * run
      for index in 0..<32 {
        let pair = byte(source, at: index)
        target[index] = scale0 * Float(pair & 15) - minimum0
        target[index + 32] = scale1 * Float(pair &>> 4) - minimum1
      }
    }
  }

  /// As Q4_K with 32 bytes of fifth bits between scales and nibbles: bit `2 · run` for the low nibbles of a
  /// run, the next one for the high.
  private static func q5K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let minimum = float16(block, at: 2)
    for run in 0..<4 {
      let first = scaleAndMinimum(block + 4, 2 * run)
      let second = scaleAndMinimum(block + 4, 2 * run + 1)
      let (scale0, minimum0) = (scale * first.scale, minimum * first.minimum)
      let (scale1, minimum1) = (scale * second.scale, minimum * second.minimum)
      let source = block + 48 + 32 * run
      let target = result + 64 * run
      let shift = Int32(truncatingIfNeeded: 2 * run)
      for index in 0..<32 {
        let pair = byte(source, at: index)
        let bits = byte(block, at: 16 + index) &>> shift
        target[index] = scale0 * Float(pair & 15 | (bits & 1) &<< 4) - minimum0
        target[index + 32] = scale1 * Float(pair &>> 4 | (bits &>> 1 & 1) &<< 4) - minimum1
      }
    }
  }

  /// 128 bytes of low nibbles, 64 of high bit pairs, 16 signed scales of 16 elements each, scale f16;
  /// value scale · s · (q − 32).
  private static func q6K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 208)
    for half in 0..<2 {
      let low = block + 64 * half
      let high = block + 128 + 32 * half
      let scales = block + 192 + 8 * half
      let target = result + 128 * half
      for part in 0..<2 {
        let scale0 = scale * Float(signedByte(scales, at: part))
        let scale1 = scale * Float(signedByte(scales, at: part + 2))
        let scale2 = scale * Float(signedByte(scales, at: part + 4))
        let scale3 = scale * Float(signedByte(scales, at: part + 6))
        for index in 16 * part..<16 * part + 16 {
          let bits = byte(high, at: index)
          let first = byte(low, at: index)
          let second = byte(low, at: index + 32)
          target[index] = scale0 * Float((first & 15 | (bits & 3) &<< 4) &- 32)
          target[index + 32] = scale1 * Float((second & 15 | (bits &>> 2 & 3) &<< 4) &- 32)
          target[index + 64] = scale2 * Float((first &>> 4 | (bits &>> 4 & 3) &<< 4) &- 32)
          target[index + 96] = scale3 * Float((second &>> 4 | (bits &>> 6 & 3) &<< 4) &- 32)
        }
      }
    }
  }
}
