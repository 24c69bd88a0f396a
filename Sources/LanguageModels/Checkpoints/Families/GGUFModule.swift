internal import Numerics

/// A module by Hugging Face's name, and where its weight and bias lie in a GGUF file.
///
/// In names `{i}` is the layer, `{e}` the expert or head.
struct GGUFModule: Sendable {
  /// A tensor of the file, or some rows of it.
  struct Slice: Sendable {
    /// Its name, without `.weight` or `.bias`.
    let tensor: String
    /// Which of its rows.
    var rows = Rows.all
  }

  /// Which rows of a tensor belong to a module.
  enum Rows: Sendable {
    case all
    /// Of `[queries; keys; values]`.
    case queries, keys, values
    /// Those of expert `{e}` in a stack `[experts × rows × columns]`.
    case expert
    /// The same where every expert has the rows of its gate above those that the gate multiplies.
    case expertGate, expertUp
    /// Those of head `{e}` in `[heads × width]`, as a vector.
    case head
  }

  /// How the rows of a module differ from the rows of the file.
  enum Arrangement: Sendable, Equatable {
    /// Not at all.
    case same
    /// Every head has its rows in pairs, one of its first half and one of its second; the key counts the heads.
    case interleaved(headCountKey: String)
    /// Hugging Face has query, key and value of every head together, the file all queries, all keys, all values.
    case byHead
    /// Hugging Face has inputs in rows and outputs in columns.
    case turned
    /// A vector in the file that is a matrix of one row.
    case row
    /// A vector that is greater by one in the file.
    case greaterByOne
  }

  /// Hugging Face's name, without `.weight` or `.bias`.
  let name: String
  /// What the module is made of: the first choice whose tensors are all there.
  let choices: [[Slice]]
  /// How rows differ.
  var arrangement = Arrangement.same
}

// MARK: - Kinds of modules

extension GGUFModule {
  /// A module that is a tensor of the file.
  init(_ name: String, _ tensor: String, _ arrangement: Arrangement = .same) {
    self.init(name: name, choices: [[Slice(tensor: tensor)]], arrangement: arrangement)
  }

  /// Queries, keys and values, each a tensor of its own or all in one; `names` are Hugging Face's three.
  static func attentionInputs(
    _ names: [String] = ["q_proj", "k_proj", "v_proj"].map { "self_attn.\($0)" },
    isInterleaved: Bool = false
  ) -> [GGUFModule] {
    let parts: [(tensor: String, rows: Rows, heads: String?)] = [
      ("attn_q", .queries, "attention.head_count"), ("attn_k", .keys, "attention.head_count_kv"),
      ("attn_v", .values, nil),
    ]
    return zip(names, parts).map { name, part in
      let heads = isInterleaved ? part.heads : nil
      return GGUFModule(
        name: name,
        choices: [[Slice(tensor: part.tensor)], [Slice(tensor: "attn_qkv", rows: part.rows)]],
        arrangement: heads.map { .interleaved(headCountKey: $0) } ?? .same)
    }
  }

  /// Queries, keys and values that Hugging Face has in one tensor.
  static func fusedInputs(_ name: String, _ arrangement: Arrangement = .same) -> GGUFModule {
    GGUFModule(
      name: name,
      choices: [
        [Slice(tensor: "attn_qkv")], ["attn_q", "attn_k", "attn_v"].map { Slice(tensor: $0) },
      ],
      arrangement: arrangement)
  }

  /// Gate, up and down projections of all experts: stacked, gate and up in one stack, or, in files of before April
  /// 2024, one by one.
  static func experts(_ prefix: String, _ names: [String]) -> [GGUFModule] {
    let parts: [(name: String, rows: Rows?)] = [
      ("gate", .expertGate), ("up", .expertUp), ("down", nil),
    ]
    return zip(names, parts).map { name, part in
      let fused = part.rows.map { [[Slice(tensor: "ffn_gate_up_exps", rows: $0)]] } ?? []
      return GGUFModule(
        name: "\(prefix).{e}.\(name)",
        choices: [[Slice(tensor: "ffn_\(part.name)_exps", rows: .expert)]] + fused
          + [[Slice(tensor: "ffn_\(part.name).{e}")]])
    }
  }

  /// Whether there is one such module for every expert or head.
  var isNumbered: Bool { name.contains("{e}") }

  /// The module of a layer, whose names begin with `prefix`.
  func inLayer(_ prefix: String) -> GGUFModule {
    GGUFModule(
      name: "\(prefix).{i}.\(name)",
      choices: choices.map { $0.map { Slice(tensor: "blk.{i}.\($0.tensor)", rows: $0.rows) } },
      arrangement: arrangement)
  }
}
