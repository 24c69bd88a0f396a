/// What can be wrong with a file of weights.
package enum StorageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `part` of `file` needs `expected` bytes where only `found` are left.
  case truncated(file: String, part: String, expected: UInt64, found: UInt64)
  /// `part` of `file` claims `found`, more than the `limit` that any real file keeps.
  case tooLarge(file: String, part: String, limit: UInt64, found: UInt64)
  /// `file` is a pipe or a device, which cannot be mapped.
  case notRegular(file: String)
  /// `file` is what Git LFS leaves in place of the file itself.
  case largeFilePointer(file: String)
  /// `folder` has no safetensors file; `instead` are the weights in other forms that it has.
  case noWeights(folder: String, instead: [String])
  /// `folder` has several safetensors `files` and no index that says which belong together.
  case ambiguousWeights(folder: String, files: [String])
  /// `file`, or its header, is not the JSON that it should be.
  case invalidJSON(file: String, fault: JSONFault)
  /// `part` of `file` should be `expected` and is something else.
  case malformed(file: String, part: String, expected: String)
  /// The description of `tensor` in `file` contradicts itself or the file.
  case invalidTensor(tensor: String, file: String, fault: TensorFault)
  /// `file` has no `tensor`.
  case missingTensor(tensor: String, file: String)
  /// The index `file` names `shard`, which is not beside it.
  case missingShard(shard: String, file: String)
  /// `tensor` in `file` has another shape than its user needs.
  case wrongShape(tensor: String, file: String, expected: [Int], found: [Int])
  /// `tensor` in `file` is stored as `type`, which is not a weight.
  case notAWeight(tensor: String, file: String, type: ElementType)

  /// What is wrong, where, what was expected, what was found, and what to do.
  package var description: String {
    switch self {
    case .truncated(let file, let part, let expected, let found):
      "\(file) is cut short: \(part) needs \(expected) bytes, \(found) are left; "
        + "download or write it again"
    case .tooLarge(let file, let part, let limit, let found):
      "\(file) is damaged or cut short: \(part) is \(found), expected at most \(limit); "
        + "download or write it again"
    case .notRegular(let file):
      "cannot read \(file): not a regular file; write what it gives into a file first"
    case .largeFilePointer(let file):
      "\(file) is a Git LFS pointer, not the data; run 'git lfs pull' where it came from, "
        + "or download the file itself"
    case .noWeights(let folder, let instead):
      Self.noWeights(folder, instead)
    case .ambiguousWeights(let folder, let files):
      "\(folder) has several files of weights and no model.safetensors.index.json: "
        + files.joined(separator: ", ") + "; keep the one that is meant, as model.safetensors"
    case .invalidJSON(let file, let fault):
      "\(file) is not valid JSON: \(fault)"
    case .malformed(let file, let part, let expected):
      "\(file) is malformed: \(part) should be \(expected)"
    case .invalidTensor(let tensor, let file, let fault):
      "tensor '\(tensor)' in \(file): \(fault)"
    case .missingTensor(let tensor, let file):
      "\(file) has no tensor '\(tensor)'; is it a checkpoint of another architecture?"
    case .missingShard(let shard, let file):
      "\(file) names the shard \(shard), which is not beside it; download the missing file"
    case .wrongShape(let tensor, let file, let expected, let found):
      "tensor '\(tensor)' in \(file) has shape \(found), expected \(expected)"
    case .notAWeight(let tensor, let file, let type):
      "tensor '\(tensor)' in \(file) is stored as \(type), expected \(Self.weightTypes(instead: type))"
    }
  }

  /// What would do instead of `type`, and how to get it.
  private static func weightTypes(instead type: ElementType) -> String {
    let readable = "F32, F16, BF16 or a type of GGUF"
    // A weight that is refused all the same is one of a policy, or a block that lies across its user's rows.
    guard !type.isWeight else { return type.isQuantized ? "F32, F16 or BF16" : "F32" }
    return type == .float64
      ? "\(readable); load the model in transformers with dtype=torch.float32 and save it again"
      : "\(readable), because the scales of such numbers lie elsewhere; use the checkpoint that it was made from, "
        + "or a GGUF file"
  }

  private static func noWeights(_ folder: String, _ instead: [String]) -> String {
    guard let other = instead.first else {
      return "\(folder) has no weights; expected model.safetensors, or its shards"
    }
    if other.hasPrefix("adapter") {
      return
        "\(folder) holds an adapter (\(other)), which changes another model's weights; merge the two with "
        + "peft's merge_and_unload() and save the result with save_pretrained"
    }
    if other.hasSuffix(".gguf") {
      return "\(folder) has no safetensors file, but \(other): name that file instead of its folder"
    }
    return
      "\(folder) has no safetensors file, only \(other), which is not read (such a file can run code or needs "
      + "another framework); convert it: load the folder with transformers' from_pretrained and save it with "
      + "save_pretrained"
  }
}

/// How the description of one tensor can be wrong.
package enum TensorFault: Error, Equatable, Sendable, CustomStringConvertible {
  /// The element type is none that is known.
  case unknownType(String)
  /// A field is absent or of the wrong kind.
  case badField(String)
  /// Two tensors have this name.
  case duplicateName
  /// The product of the dimensions, or the size in bytes, does not fit in an integer.
  case shapeOverflow([Int])
  /// A row of `columns` elements is not a whole number of blocks of `blockLength`.
  case partialBlock(columns: Int, blockLength: Int)
  /// The shape needs `expected` bytes, the offsets span `found`.
  case sizeMismatch(expected: Int, found: Int)
  /// The data end at byte `end`, beyond the `limit` bytes that the file has for data.
  case outsideFile(end: Int, limit: Int)
  /// The data share bytes with another tensor's.
  case overlaps(with: String)
  /// The data start at `start`, where the previous tensor's end at `expected`.
  case gap(expected: Int, start: Int)
  /// The data start at `offset`, which is not a multiple of `alignment`.
  case misaligned(offset: Int, alignment: Int)

  /// What is wrong, and what was expected.
  package var description: String {
    switch self {
    case .unknownType(let type): "unknown element type \(type)"
    case .badField(let field): "the field '\(field)' is absent or not what it should be"
    case .duplicateName: "described twice"
    case .shapeOverflow(let shape): "the shape \(shape) is larger than any file"
    case .partialBlock(let columns, let blockLength):
      "rows of \(columns) elements cannot be stored in blocks of \(blockLength)"
    case .sizeMismatch(let expected, let found):
      "its shape needs \(expected) bytes, its offsets span \(found)"
    case .outsideFile(let end, let limit):
      "its data end at byte \(end) of \(limit); the file is damaged or cut short"
    case .overlaps(let other): "its data overlap those of '\(other)'"
    case .gap(let expected, let start):
      "its data start at byte \(start), expected \(expected), right after the previous tensor's"
    case .misaligned(let offset, let alignment):
      "its data start at byte \(offset), expected a multiple of \(alignment)"
    }
  }
}
