import Files
import Foundation
import Numerics
import Testing

@Suite struct SafetensorsFaultTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ header: String, data: Int) throws -> SafetensorsFile {
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    let url = folder["model.safetensors"]
    try AtomicFile.write(length + Array(header.utf8) + Array(repeating: 0, count: data), to: url)
    return try SafetensorsFile(url)
  }

  @Test(arguments: [
    (#"{"t":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, TensorFault.unknownType("F31")),
    (#"{"t":{"dtype":"Q4_0","shape":[32],"data_offsets":[0,18]}}"#, .unknownType("Q4_0")),
    (#"{"t":{"dtype":4,"shape":[2],"data_offsets":[0,8]}}"#, .badField("dtype")),
    (#"{"t":{"shape":[2],"data_offsets":[0,8]}}"#, .badField("dtype")),
    (#"{"t":[]}"#, .badField("dtype")),
    (#"{"t":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#, .badField("shape")),
    (#"{"t":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, .badField("shape")),
    (#"{"t":{"dtype":"F32","shape":[1e9],"data_offsets":[0,8]}}"#, .badField("shape")),
    (#"{"t":{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]}}"#, .shapeOverflow([-2, -1])),
    (
      #"{"t":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
      .shapeOverflow([4_294_967_296, 4_294_967_296])
    ),
    (
      #"{"t":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}}"#,
      .shapeOverflow([4_611_686_018_427_387_904])
    ),
    (#"{"t":{"dtype":"F32","shape":[2]}}"#, .badField("data_offsets")),
    (#"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, .badField("data_offsets")),
    (#"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#, .badField("data_offsets")),
    (#"{"t":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, .badField("data_offsets")),
    (#"{"t":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, .badField("data_offsets")),
    (
      #"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}}"#,
      .badField("data_offsets")
    ),
    (
      #"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#,
      .outsideFile(end: .max, limit: 8)
    ),
    (
      #"{"t":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
      .sizeMismatch(expected: 12, found: 8)
    ),
    (
      #"{"t":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#,
      .outsideFile(end: 16, limit: 8)
    ),
    (
      #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, .gap(expected: 0, start: 4)
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      .overlaps(with: "a")
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
      .overlaps(with: "a")
    ),
  ]) func `a header that contradicts itself or the file names the tensor`(
    header: String, fault: TensorFault
  ) {
    #expect(
      throws: StorageError.invalidTensor(
        tensor: "t", file: folder["model.safetensors"].path, fault: fault)
    ) { try open(header, data: 8) }
  }

  @Test(arguments: [
    "", "[]", "{", "null", #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":[]}"#, "{}",
    #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
  ]) func `a header that is not one is refused`(header: String) {
    #expect(throws: StorageError.self) { try open(header, data: 8) }
  }

  @Test(arguments: [0, 1, 7, 8, 9, 40, 80, 111])
  func `a file cut anywhere is refused`(length: Int) throws {
    try SafetensorsFile.write([.init("weight", [1, 2])], to: folder["whole"])
    let whole = try Data(contentsOf: folder["whole"])
    try #require(length < whole.count)
    try AtomicFile.write(whole.prefix(length), to: folder["cut"])
    #expect(throws: StorageError.self) { try SafetensorsFile(folder["cut"]) }
  }

  @Test(arguments: [
    (UInt64.max, StorageError.tooLarge(file: "", part: "", limit: 0, found: 0)),
    (100_000_001, .tooLarge(file: "", part: "", limit: 0, found: 0)),
    (100_000_000, .truncated(file: "", part: "", expected: 0, found: 0)),
    (200, .truncated(file: "", part: "", expected: 0, found: 0)),
  ]) func `an absurd header length is refused before anything is read`(
    length: UInt64, kind: StorageError
  ) throws {
    let url = folder["file"]
    try AtomicFile.write(
      withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array(repeating: 32, count: 100),
      to: url)
    let error = #expect(throws: StorageError.self) { try SafetensorsFile(url) }
    switch (error, kind) {
    case (.tooLarge, .tooLarge), (.truncated, .truncated): break
    default: Issue.record("\(String(describing: error))")
    }
  }

  @Test func `every single flipped bit of the header is an error or another valid header`() throws {
    try SafetensorsFile.write(
      [.init("a", [1, 2]), .init("b", Matrix(rows: 2, columns: 2, repeating: 1))],
      to: folder["whole"])
    let whole = try Data(contentsOf: folder["whole"])
    let start = whole.withUnsafeBytes { 8 + Int($0.loadUnaligned(as: UInt64.self)) }
    for bit in 0..<start * 8 {
      var damaged = whole
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        let file = try SafetensorsFile(MappedFile(damaged, path: "damaged"))
        for tensor in file.tensors.values { #expect(tensor.byteCount <= damaged.count) }
      } catch is StorageError {}
    }
  }

  @Test func `a shard that is absent is named`() throws {
    let index = folder["model.safetensors.index.json"]
    try AtomicFile.write(#"{"weight_map": {"a": "model-00001-of-00002.safetensors"}}"#, to: index)
    #expect(
      throws: StorageError.missingShard(
        shard: "model-00001-of-00002.safetensors", file: index.path)
    ) { try SafetensorsFolder(folder.url) }
  }

  @Test func `shards give all tensors, and one that is not in its shard is named`() throws {
    try SafetensorsFile.write([.init("a", [1])], to: folder["one.safetensors"])
    try SafetensorsFile.write([.init("b", [2])], to: folder["two.safetensors"])
    let index = folder["model.safetensors.index.json"]
    try AtomicFile.write(
      #"{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#, to: index)
    let loaded = try SafetensorsFolder(folder.url)
    #expect(try loaded.tensor("a").vector(count: 1) == [1])
    #expect(try loaded.tensor("b").vector(count: 1) == [2])
    #expect(throws: StorageError.missingTensor(tensor: "c", file: index.path)) {
      try loaded.tensor("c")
    }
    try AtomicFile.write(#"{"weight_map": {"b": "one.safetensors"}}"#, to: index)
    #expect(
      throws: StorageError.missingTensor(tensor: "b", file: folder["one.safetensors"].path)
    ) { try SafetensorsFolder(folder.url) }
  }

  @Test
  func `a tensor of a shard that the index does not list is read too, unless two have its name`()
    throws
  {
    try SafetensorsFile.write([.init("a", [1]), .init("c", [3])], to: folder["one.safetensors"])
    try SafetensorsFile.write([.init("a", [4]), .init("b", [2])], to: folder["two.safetensors"])
    let index = folder["model.safetensors.index.json"]
    try AtomicFile.write(
      #"{"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#, to: index)
    let loaded = try SafetensorsFolder(folder.url)
    #expect(try loaded.tensor("a").vector(count: 1) == [1])
    #expect(try loaded.tensor("c").vector(count: 1) == [3])
    try SafetensorsFile.write([.init("b", [2]), .init("c", [5])], to: folder["two.safetensors"])
    #expect(throws: StorageError.self) { try SafetensorsFolder(folder.url) }
  }

  @Test(arguments: ["../one.safetensors", "/etc/passwd", "..", "", "a/b"])
  func `an index cannot name a file elsewhere`(name: String) throws {
    try AtomicFile.write(
      #"{"weight_map": {"a": "\#(name)"}}"#, to: folder["model.safetensors.index.json"])
    #expect(throws: StorageError.self) { try SafetensorsFolder(folder.url) }
  }

  @Test func `a folder without weights says so`() {
    #expect(throws: StorageError.noWeights(folder: folder.url.path, instead: [])) {
      try SafetensorsFolder(folder.url)
    }
  }

  @Test(arguments: [
    ("pytorch_model.bin", "save_pretrained"), ("tf_model.h5", "save_pretrained"),
    ("pytorch_model-00001-of-00002.bin", "save_pretrained"), ("model.q4.gguf", "name that file"),
    ("adapter_model.safetensors", "merge_and_unload"),
  ])
  func `weights in another form are named, with what to do`(name: String, advice: String) throws {
    try AtomicFile.write("x", to: folder[name])
    try AtomicFile.write("x", to: folder["training_args.bin"])
    let error = #expect(throws: StorageError.self) { try SafetensorsFolder(folder.url) }
    #expect(error == .noWeights(folder: folder.url.path, instead: [name]))
    #expect(error?.description.contains(advice) == true)
  }

  @Test func `shards without an index are read, and one that is absent is named`() throws {
    try SafetensorsFile.write([.init("a", [1])], to: folder["model-00001-of-00002.safetensors"])
    #expect(
      throws: StorageError.missingShard(
        shard: "model-00002-of-00002.safetensors",
        file: folder["model-00001-of-00002.safetensors"].path)
    ) { try SafetensorsFolder(folder.url) }
    try SafetensorsFile.write([.init("b", [2])], to: folder["model-00002-of-00002.safetensors"])
    let loaded = try SafetensorsFolder(folder.url)
    #expect(loaded.tensors.keys.sorted() == ["a", "b"])
  }

  @Test func `a tensor in two shards is an error`() throws {
    for number in 1...2 {
      try SafetensorsFile.write(
        [.init("a", [1])], to: folder["model-0000\(number)-of-00002.safetensors"])
    }
    #expect(throws: StorageError.self) { try SafetensorsFolder(folder.url) }
  }

  @Test func `the only file of weights needs no usual name, of two none is guessed`() throws {
    try SafetensorsFile.write([.init("a", [1])], to: folder["model.fp16.safetensors"])
    try SafetensorsFile.write([.init("c", [1])], to: folder["consolidated.safetensors"])
    #expect(try SafetensorsFolder(folder.url).tensors.keys.sorted() == ["a"])
    try SafetensorsFile.write([.init("b", [1])], to: folder["ema.safetensors"])
    #expect(
      throws: StorageError.ambiguousWeights(
        folder: folder.url.path, files: ["ema.safetensors", "model.fp16.safetensors"])
    ) { try SafetensorsFolder(folder.url) }
  }

  @Test func `what Git LFS leaves in place of a file is called that`() throws {
    let file = folder["model.safetensors"]
    try AtomicFile.write(
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", to: file)
    #expect(throws: StorageError.largeFilePointer(file: file.path)) {
      try SafetensorsFolder(folder.url)
    }
  }
}
