internal import CProcessor

// Super-blocks of 256 evenly spaced numbers, their sub-blocks with scales of their own: Q2_K to Q6_K.
extension BlockDecoder {
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

  /// Scale of sub-block `index` of 16 of Q3_K: six bits, the upper two apart from the others, 32 too large.
  @inline(__always)
  static func signedScale(_ packed: UnsafeRawPointer, _ index: Int) -> Float {
    let low = byte(packed, at: index & 7) &>> Int32(truncatingIfNeeded: index / 8 * 4) & 15
    let high = byte(packed, at: 8 + index & 3) &>> Int32(truncatingIfNeeded: index / 4 * 2) & 3
    return Float(low | high &<< 4) - 32
  }

  static func q2K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 80)
    let minimum = float16(block, at: 82)
    for half in 0..<2 {
      for part in 0..<2 {
        let quads = numbers(block + (16 + 32 * half + 16 * part))
        for place in 0..<4 {
          let index = 8 * half + 2 * place + part
          let own = byte(block, at: index)
          let (scale, minimum) = (scale * Float(own & 15), minimum * Float(own &>> 4))
          (scale * processor_floats(quads &>> lanes(2 * place) & 3) - minimum)
            .store(to: result + 16 * index)
        }
      }
    }
  }

  static func q3K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 108)
    for part in 0..<2 {
      let high = numbers(block + 16 * part)
      for half in 0..<2 {
        let quads = numbers(block + (32 + 32 * half + 16 * part))
        for place in 0..<4 {
          let index = 8 * half + 2 * place + part
          let third = (high &>> lanes(4 * half + place) & 1) &<< 2
          let values = quads &>> lanes(2 * place) & 3 | third
          (scale * signedScale(block + 96, index) * processor_floats(values &- 4))
            .store(to: result + 16 * index)
        }
      }
    }
  }

  static func q4K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
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

  static func q5K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
    let scale = float16(block, at: 0)
    let minimum = float16(block, at: 2)
    for run in 0..<4 {
      let first = scaleAndMinimum(block + 4, 2 * run)
      let second = scaleAndMinimum(block + 4, 2 * run + 1)
      let (scale0, minimum0) = (scale * first.scale, minimum * first.minimum)
      let (scale1, minimum1) = (scale * second.scale, minimum * second.minimum)
      let shift = lanes(2 * run)
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

  static func q6K(_ block: UnsafeRawPointer, _ result: UnsafeMutablePointer<Float>) {
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
