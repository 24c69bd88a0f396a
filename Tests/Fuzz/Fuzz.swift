import Foundation
import Numerics

@testable import LanguageModels

/// One input of libFuzzer: nothing that a file holds may trap, every tensor lies in its file, and what is written again
/// without an edit is the same.
///
/// The environment variable `READER` picks what reads it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  do {
    switch reader {
    case "safetensors": exercise(try SafetensorsFile(MappedFile(bytes, path: "fuzz")).tensors)
    case "gguf": try exercise(GGUFFile(MappedFile(bytes, path: "fuzz")), of: bytes)
    case "sentencepiece":
      let model = try SentencePieceModel(UnsafeRawBufferPointer(bytes), file: "fuzz")
      exercise(try Tokenizer(model, file: "fuzz"))
    case "tokenizer":
      let json = try JSONValue(parsing: UnsafeRawBufferPointer(bytes))
      exercise(try Tokenizer(tokenizerJSON: json, file: "fuzz"))
    default:
      FileHandle.standardError.write(Data("no reader is called '\(reader)'\n".utf8))
      exit(64)
    }
  } catch {
    // Messages are made of what the file says, too.
    _ = "\(error)"
  }
  return 0
}

private let reader = ProcessInfo.processInfo.environment["READER"] ?? "gguf"

private func exercise(_ tensors: [String: StoredTensor]) {
  for tensor in tensors.values.prefix(4) {
    tensor.withBytes { precondition($0.count == tensor.byteCount) }
    let shape = tensor.shape
    if shape.count == 2, shape[0] < 1000, shape[1] < 1000 {
      _ = try? tensor.matrix(rows: shape[0], columns: shape[1])
    }
    if shape.count == 1, shape[0] < 100_000 { _ = try? tensor.vector(count: shape[0]) }
  }
}

private func exercise(_ file: GGUFFile, of bytes: UnsafeBufferPointer<UInt8>) throws {
  exercise(file.tensors)
  let same = try written(file, [:])
  precondition(same.elementsEqual(bytes), "a file that is written again differs")
  if let name = file.tensors.keys.min(), let tensor = file.tensors[name], tensor.byteCount < 1 << 16
  {
    let changed = try GGUFFile(MappedFile(written(file, [name: .float32]), path: "fuzz"))
    precondition(changed.tensors.count == file.tensors.count)
    precondition(changed.tensors[name]?.type == .float32)
  }
  _ = try? Checkpoint(file).configuration()
  exercise(try Tokenizer(gguf: file.metadata))
}

/// The file with some tensors of other types, their bytes zero.
private func written(_ file: GGUFFile, _ types: [String: ElementType]) throws -> [UInt8] {
  let layout = try GGUFLayout(file, types: types)
  var bytes = layout.header
  for segment in layout.segments {
    switch segment.content {
    case .bytes(let file, let range): file.withBytes(in: range) { bytes += $0 }
    case .tensor(let tensor, let type):
      bytes += Array(repeating: 0, count: try type.byteCount(shape: tensor.shape))
    }
    bytes += Array(repeating: 0, count: segment.padding)
  }
  return bytes
}

private func exercise(_ tokenizer: Tokenizer) {
  let text = " ab 12\n é😀 <s>▁x's\u{301} <|endoftext|> "
  for special in [false, true] {
    guard let ids = try? tokenizer.encode(text, addingSpecialTokens: special) else { continue }
    _ = try? tokenizer.decode(ids)
    var stream = tokenizer.streamingDecoder(skippingSpecialTokens: special)
    for id in ids { _ = try? stream.append(id) }
    _ = stream.finish()
  }
}
