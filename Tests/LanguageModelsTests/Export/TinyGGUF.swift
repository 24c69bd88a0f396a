import Foundation
import Numerics

/// A Llama of two layers in GGUF, its matrices random and of many types.
struct TinyGGUF {
  /// Width 64, two heads of 32 that share their keys, MLP of 96, 40 tokens.
  static let types: [ElementType] = [.float32, .q41, .q80, .float16, .q40, .q50, .bfloat16]

  private struct Tensor {
    let name: String
    let shape: [Int]
    let type: ElementType
    let bytes: [UInt8]
  }

  private let tensors: [Tensor]
  /// What every tensor starts at a multiple of.
  var alignment = 32
  /// Put between tensors, besides what the alignment needs.
  var gap = 0
  /// Adds what a test needs besides the sizes of the model.
  var extend: (inout GGUFBuilder) -> Void = { _ in }

  /// - Parameter norms: The type of the gains of norms.
  init(norms: ElementType = .float32) {
    var generator = SplitMix64(seed: 3)
    var shapes: [(String, [Int])] = [("token_embd", [40, 64]), ("output_norm", [64])]
    for layer in 0..<2 {
      let parts: [(String, [Int])] = [
        ("attn_norm", [64]), ("attn_q", [64, 64]), ("attn_k", [32, 64]), ("attn_v", [32, 64]),
        ("attn_output", [64, 64]), ("ffn_norm", [64]), ("ffn_gate", [96, 64]),
        ("ffn_up", [96, 64]), ("ffn_down", [64, 96]),
      ]
      shapes += parts.map { ("blk.\(layer).\($0)", $1) }
    }
    tensors = shapes.enumerated().map { index, part in
      let count = part.1.reduce(1, *)
      let values = (0..<count).map { _ in Float.random(in: -0.3...0.3, using: &generator) }
      let type = part.1.count == 1 ? norms : Self.types[index % Self.types.count]
      return Tensor(
        name: "\(part.0).weight", shape: part.1, type: type, bytes: Self.encode(values, as: type))
    }
  }

  /// The bytes of `values` as `type`.
  static func encode(_ values: [Float], as type: ElementType) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: values.count / type.blockLength * type.blockBytes)
    values.withUnsafeBufferPointer { values in
      bytes.withUnsafeMutableBytes { bytes in
        guard let source = values.baseAddress, let target = bytes.baseAddress else { return }
        BlockEncoder.encode(type, from: source, count: values.count, into: target)
      }
    }
    return bytes
  }

  private static let codes: [ElementType: UInt32] = [
    .float32: 0, .float16: 1, .q40: 2, .q41: 3, .q50: 6, .q80: 8, .bfloat16: 30,
  ]

  /// The model in one file.
  var bytes: [UInt8] {
    var builder = GGUFBuilder()
    addMetadata(to: &builder)
    return bytes(of: tensors[...], builder)
  }

  /// The model in `count` files, only the first of which has its metadata, as gguf-split writes them.
  func parts(_ count: Int) -> [[UInt8]] {
    let height = (tensors.count + count - 1) / count
    return (0..<count).map { index in
      var builder = GGUFBuilder()
      if index == 0 { addMetadata(to: &builder) }
      builder.add("split.no", type: 2, GGUFBuilder.integer(UInt16(index)))
      builder.add("split.count", type: 2, GGUFBuilder.integer(UInt16(count)))
      builder.add("split.tensors.count", type: 5, GGUFBuilder.integer(Int32(tensors.count)))
      let range = index * height..<min(tensors.count, (index + 1) * height)
      return bytes(of: tensors[range], builder)
    }
  }

  private func addMetadata(to builder: inout GGUFBuilder) {
    builder.add("general.architecture", "llama")
    if alignment != 32 { builder.add("general.alignment", UInt32(alignment)) }
    for (key, value) in [
      ("embedding_length", 64), ("block_count", 2), ("attention.head_count", 2),
      ("attention.head_count_kv", 1), ("feed_forward_length", 96), ("context_length", 128),
    ] as [(String, UInt32)] {
      builder.add("llama.\(key)", value)
    }
    let epsilon = GGUFBuilder.integer(Float(1e-5).bitPattern)
    builder.add("llama.attention.layer_norm_rms_epsilon", type: 6, epsilon)
    extend(&builder)
  }

  private func bytes(of tensors: ArraySlice<Tensor>, _ builder: GGUFBuilder) -> [UInt8] {
    var builder = builder
    let isFirst = tensors.startIndex == 0
    builder.alignment = isFirst ? alignment : 32
    for tensor in tensors {
      builder.addTensor(
        tensor.name, dimensions: tensor.shape.reversed().map { UInt64($0) },
        type: Self.codes[tensor.type] ?? .max, offset: UInt64(builder.data.count))
      builder.data += tensor.bytes
      builder.data += Array(repeating: 0xAB, count: gap)
      let rest = builder.data.count % builder.alignment
      if rest > 0 { builder.data += Array(repeating: 0, count: builder.alignment - rest) }
    }
    return builder.bytes
  }
}
