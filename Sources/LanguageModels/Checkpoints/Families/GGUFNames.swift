internal import Numerics

/// The tensors of a GGUF file by Hugging Face's names.
struct GGUFNames: Sendable {
  /// The file.
  let file: GGUFFile
  /// What its architecture calls things.
  let family: GGUFFamily
  private let keys: GGUFKeys
  private let log = TensorLog()

  /// - Throws: `CheckpointError.unknownArchitecture`.
  init(_ file: GGUFFile) throws {
    self.file = file
    family = try GGUFFamily(of: file)
    keys = GGUFKeys(file: file, architecture: family.architecture)
  }

  /// Whether there is a tensor of that name.
  func contains(_ name: String) -> Bool { find(name) != nil }

  /// The tensor that Hugging Face calls `name`; nil when there is none.
  ///
  /// - Throws: `CheckpointError`, `StorageError`: metadata or a shape that contradict the name.
  func tensor(_ name: String) throws -> CheckpointTensor? {
    guard let found = find(name) else { return nil }
    log.insert(found.slices.map(\.tensor.name))
    return try assembled(name, found)
  }

  // MARK: - Finding

  /// What a name means.
  private struct Found {
    let module: GGUFModule
    /// The tensors, each with the rows that are meant.
    let slices: [(tensor: StoredTensor, rows: GGUFModule.Rows)]
    /// The expert or head.
    let number: Int
    let isBias: Bool
  }

  private func find(_ name: String) -> Found? {
    guard let (module, numbers, suffix) = parsed(name) else { return nil }
    for choice in module.choices {
      let slices = choice.compactMap { slice in
        file.tensors[Self.name(slice.tensor, numbers) + suffix].map { ($0, slice.rows) }
      }
      guard slices.count == choice.count else { continue }
      return Found(
        module: module, slices: slices, number: numbers.dropFirst().first ?? 0,
        isBias: suffix == ".bias")
    }
    return nil
  }

  /// The module that a name means, its layer and its expert or head, and `.weight` or `.bias`.
  private func parsed(_ name: String) -> (module: GGUFModule, numbers: [Int], suffix: String)? {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let suffix = parts.popLast(), suffix == "weight" || suffix == "bias" else { return nil }
    var numbers: [Int] = []
    for index in parts.indices {
      guard let number = Int(parts[index]) else { continue }
      parts[index] = numbers.isEmpty ? "{i}" : "{e}"
      numbers.append(number)
    }
    return family.modules[parts.joined(separator: ".")].map { ($0, numbers, "." + suffix) }
  }

  /// What the file should call the tensor `name`, for messages.
  func expectedName(of name: String) -> String {
    guard let (module, numbers, suffix) = parsed(name), let slice = module.choices.first?.first
    else { return name }
    return Self.name(slice.tensor, numbers) + suffix
  }

  private static func name(_ pattern: String, _ numbers: [Int]) -> String {
    pattern.split(separator: ".").map { part in
      switch part {
      case "{i}": "\(numbers.first ?? 0)"
      case "{e}": "\(numbers.dropFirst().first ?? 0)"
      default: String(part)
      }
    }.joined(separator: ".")
  }

  // MARK: - All of them

  /// The names of all tensors.
  ///
  /// - Throws: `CheckpointError`.
  var names: [String] {
    get throws {
      let layers = try keys.integer("block_count")
      return family.modules.values.flatMap { module -> [String] in
        guard module.name.contains("{i}") else { return suffixed(module.name) }
        return (0..<layers).flatMap { layer in
          let name = module.name.replacing("{i}", with: "\(layer)")
          return (0..<count(of: module, layer: layer)).flatMap {
            suffixed(name.replacing("{e}", with: "\($0)"))
          }
        }
      }.sorted()
    }
  }

  private func suffixed(_ name: String) -> [String] {
    ["\(name).weight", "\(name).bias"].filter(contains)
  }

  /// How many experts or heads the module has in `layer`; 1 where it is not numbered.
  private func count(of module: GGUFModule, layer: Int) -> Int {
    guard module.isNumbered else { return 1 }
    for slice in module.choices.joined() {
      let name = Self.name(slice.tensor, [layer, 0]) + ".weight"
      guard let tensor = file.tensors[name] else { continue }
      return slice.tensor.contains("{e}") ? (try? keys.expertCount) ?? 0 : tensor.shape.first ?? 0
    }
    return 0
  }

  /// - Throws: `CheckpointError.unreadTensors` when the file has tensors that the model, which
  ///   has been made, did not ask for: it would be another one.
  func requireAllRead() throws {
    let known = log.names.union(GGUFKeys.rotaryTensors)
    let unread = file.tensors.keys.filter { name in
      // Frequencies that follow from the configuration; the very first files have them.
      !known.contains(name) && !name.hasSuffix(".attn_rot_embd.weight")
    }
    guard unread.isEmpty else {
      throw CheckpointError.unreadTensors(
        unread.sorted(), file: file.path, architecture: family.architecture)
    }
  }
}

// MARK: - Rows

extension GGUFNames {
  private func assembled(_ name: String, _ found: Found) throws -> CheckpointTensor {
    let arrangement = found.module.arrangement
    let isVector =
      found.isBias || found.slices[0].rows == .head
      || arrangement != .row && found.slices[0].tensor.shape.count == 1
    var runs = try found.slices.map {
      try run($0.tensor, $0.rows, found.number, isVector: isVector)
    }
    let count = runs.reduce(0) { $0 + $1.rows.count }
    let tensor = found.slices[0].tensor
    let columns = tensor.shape.last ?? 1
    guard isVector || found.slices.allSatisfy({ $0.tensor.shape.last == columns }) else {
      throw StorageError.wrongShape(
        tensor: tensor.name, file: tensor.path, expected: [count, columns], found: tensor.shape)
    }
    var shape = isVector ? [count] : [count, columns]
    var isTurned = false
    switch arrangement {
    case .same, .row, .greaterByOne: break
    case .turned:
      isTurned = !isVector
      if isTurned { shape = [columns, count] }
    case .interleaved(let key):
      for index in runs.indices { runs[index].order = try order(key, runs[index], of: name) }
    case .byHead: runs = try byHead(runs, of: tensor, count: count)
    }
    return CheckpointTensor(
      name: name, shape: shape, runs: runs, isTurned: isTurned,
      offset: arrangement == .greaterByOne ? -1 : 0)
  }

  private func run(
    _ tensor: StoredTensor, _ rows: GGUFModule.Rows, _ number: Int, isVector: Bool
  ) throws -> CheckpointTensor.Run {
    let count = (isVector ? tensor.shape : tensor.shape.dropLast()).reduce(1, *)
    func require(_ expected: [Int], _ isRight: Bool) throws {
      guard isRight else {
        throw StorageError.wrongShape(
          tensor: tensor.name, file: tensor.path, expected: expected, found: tensor.shape)
      }
    }
    func range(_ start: Int, _ height: Int) -> CheckpointTensor.Run {
      CheckpointTensor.Run(tensor: tensor, rows: start..<start + height)
    }
    switch rows {
    case .all:
      try require([count], tensor.shape.count <= 2)
      return range(0, count)
    case .queries, .keys, .values:
      let (queries, keys) = (
        try keys.headCount * keys.headWidth, try keys.keyHeadCount * keys.headWidth
      )
      try require([queries + 2 * keys], count == queries + 2 * keys)
      return switch rows {
      case .queries: range(0, queries)
      case .keys: range(queries, keys)
      default: range(queries + keys, keys)
      }
    case .expert, .expertGate, .expertUp:
      let experts = try keys.expertCount ?? 0
      try require(
        [experts],
        tensor.shape.count == (isVector ? 2 : 3) && tensor.shape[0] == experts
          && number < experts)
      let height = count / experts
      if rows == .expert { return range(number * height, height) }
      try require([experts, height + height % 2], height % 2 == 0)
      return range(number * height + (rows == .expertUp ? height / 2 : 0), height / 2)
    case .head:
      try require([number + 1], tensor.shape.count == 2 && number < tensor.shape[0])
      return range(number * tensor.shape[1], tensor.shape[1])
    }
  }

  private func order(
    _ key: String, _ run: CheckpointTensor.Run, of name: String
  ) throws -> MappedMatrix.RowOrder {
    let heads = try keys.integer(key, default: keys.headCount)
    let rows = run.rows.count
    guard rows % heads == 0, rows / heads % 2 == 0, rows > 0 else {
      throw keys.wrong(
        key, expected: "a number of heads that divides the \(rows) rows of '\(name)'",
        found: "\(heads)")
    }
    return .interleavedHalves(headWidth: rows / heads)
  }

  /// The rows of queries, keys and values, put together head by head.
  private func byHead(
    _ runs: [CheckpointTensor.Run], of tensor: StoredTensor, count: Int
  ) throws -> [CheckpointTensor.Run] {
    let (heads, width) = (try keys.headCount, try keys.headWidth)
    guard count == 3 * heads * width else {
      throw StorageError.wrongShape(
        tensor: tensor.name, file: tensor.path, expected: [3 * heads * width], found: tensor.shape)
    }
    let whole = CheckpointTensor(name: tensor.name, shape: [count, 1], runs: runs)
    return (0..<heads).flatMap { head in
      (0..<3).flatMap { part in
        let start = (part * heads + head) * width
        return whole.runs(of: .rows(start..<start + width))
      }
    }
  }
}
