import Numerics
import LanguageModels
import LaserOps
import Testing

@Suite struct GGUFFaultTests {
  let name = "model.gguf"

  private func open(_ builder: GGUFBuilder) throws -> GGUFFile { try open(builder.bytes) }

  private func open(_ bytes: some Collection<UInt8>) throws -> GGUFFile {
    try GGUFFile(MappedFile(bytes, path: name))
  }

  private static var valid: GGUFBuilder {
    var builder = GGUFBuilder()
    builder.add("general.architecture", "llama")
    builder.add("general.alignment", 32)
    builder.add("words", ["a", "bc"])
    builder.addTensor("first", dimensions: [2, 3], offset: 0)
    builder.addTensor("second", dimensions: [32], type: 2, offset: 32)
    builder.data = Array(repeating: 1, count: 64)
    return builder
  }

  @Test func `the file that the others damage is valid`() throws {
    let file = try open(Self.valid)
    #expect(try file.tensor("first").shape == [3, 2])
    #expect(try file.tensor("second").byteCount == 18)
  }

  @Test func `another magic is no GGUF`() {
    var builder = Self.valid
    builder.magic = Array("GGML".utf8)
    #expect(throws: CheckpointError.notGGUF(file: name)) { try open(builder) }
  }

  @Test(arguments: [0, 1, 4, 0x0300_0000, UInt32.max])
  func `another version is refused`(version: UInt32) {
    var builder = Self.valid
    builder.version = version
    #expect(throws: CheckpointError.unsupportedVersion(file: name, version: version)) {
      try open(builder)
    }
  }

  @Test func `a list as long as the tensors behind it is refused`() {
    var builder = Self.valid
    let count = 1 << 26 + 1
    builder.add(
      "long", type: 9,
      GGUFBuilder.integer(UInt32(0)) + GGUFBuilder.integer(UInt64(count))
        + Array(repeating: 0, count: count))
    let error = #expect(throws: StorageError.self) { try open(builder) }
    #expect(error?.description.contains("'long'") == true)
  }

  @Test(arguments: [4, 1000, UInt64(Int.max), .max])
  func `a count that the file cannot hold is refused`(count: UInt64) {
    var tensors = Self.valid
    tensors.tensorCount = count
    #expect(throws: StorageError.self) { try open(tensors) }
    var keys = Self.valid
    keys.keyCount = count
    #expect(throws: StorageError.self) { try open(keys) }
  }

  static let lengthDamages: [@Sendable (inout GGUFBuilder, [UInt8]) -> Void] = [
    { $0.keys[0].replaceSubrange(0..<8, with: $1) },
    { $0.add("text", type: 8, $1 + [65]) },
    { $0.add("list", type: 9, GGUFBuilder.integer(UInt32(8)) + $1) },
    { $0.add("list", type: 9, GGUFBuilder.integer(UInt32(10)) + $1) },
    { $0.tensors[1].replaceSubrange(0..<8, with: $1) },
  ]

  @Test(arguments: lengthDamages.indices, [0xFFFF, UInt64(Int.max), .max])
  func `a length of a string or a list beyond the file is refused`(damage: Int, length: UInt64) {
    var builder = Self.valid
    Self.lengthDamages[damage](&builder, GGUFBuilder.integer(length))
    #expect(throws: StorageError.self) { try open(builder) }
  }

  @Test(arguments: [13, 100, UInt32.max])
  func `an unknown type of a value is refused`(type: UInt32) {
    var builder = Self.valid
    builder.add("value", type: type, [0, 0, 0, 0, 0, 0, 0, 0])
    #expect(throws: StorageError.self) { try open(builder) }
  }

  @Test func `lists nested without end are refused`() {
    var builder = Self.valid
    let level = GGUFBuilder.integer(UInt32(9)) + GGUFBuilder.integer(UInt64(1))
    builder.add("deep", type: 9, Array(repeatElement(level, count: 10_000).joined()))
    #expect(throws: StorageError.self) { try open(builder) }
  }

  @Test func `text that is not UTF-8 and a truth value that is neither are refused`() {
    var text = Self.valid
    text.add("text", type: 8, GGUFBuilder.integer(UInt64(2)) + [0xC3, 0x28])
    #expect(
      throws: StorageError.malformed(file: name, part: "'text'", expected: "valid UTF-8")
    ) { try open(text) }
    var truth = Self.valid
    truth.add("truth", type: 7, [2])
    #expect(throws: StorageError.self) { try open(truth) }
  }

  @Test func `a key or a tensor that is there twice is refused`() {
    var key = Self.valid
    key.keys.append(key.keys[0])
    #expect(throws: StorageError.self) { try open(key) }
    var tensor = Self.valid
    tensor.addTensor("first", dimensions: [1], offset: 0)
    #expect(
      throws: StorageError.invalidTensor(tensor: "first", file: name, fault: .duplicateName)
    ) { try open(tensor) }
  }

  @Test(arguments: [0, 3, 33, UInt32.max])
  func `an alignment that is no power of two is refused`(alignment: UInt32) {
    var builder = Self.valid
    builder.keys[1] =
      GGUFBuilder.string("general.alignment") + GGUFBuilder.integer(UInt32(4))
      + GGUFBuilder.integer(alignment)
    #expect(throws: CheckpointError.self) { try open(builder) }
  }

  static let badTensors:
    [(dimensions: [UInt64], type: UInt32, offset: UInt64, fault: TensorFault)] = [
      ([1], 0, 16, .misaligned(offset: 16, alignment: 32)),
      ([1], 0, .max, .badField("offset")),
      ([1], 0, UInt64(Int.max) - 31, .outsideFile(end: .max, limit: 0)),
      ([17], 0, 0, .outsideFile(end: 68, limit: 0)),
      ([32], 0, 1 << 40, .outsideFile(end: 0, limit: 0)),
      ([1 << 62], 0, 0, .shapeOverflow([1 << 62])),
      ([1 << 32, 1 << 32], 0, 0, .shapeOverflow([1 << 32, 1 << 32])),
      ([UInt64.max], 0, 0, .shapeOverflow([.max])),
      ([UInt64.max, .max, .max, .max], 0, 0, .shapeOverflow([.max, .max, .max, .max])),
      ([33], 2, 0, .partialBlock(columns: 33, blockLength: 32)),
      ([128], 12, 0, .partialBlock(columns: 128, blockLength: 256)),
      ([128], 10, 0, .partialBlock(columns: 128, blockLength: 256)),
      ([32], 4, 0, .unknownType("Q4_2 (GGUF type 4)")),
      ([256], 15, 0, .unknownType("Q8_K (GGUF type 15)")),
      ([32], 42, 0, .unknownType("42")),
      ([256], .max, 0, .unknownType("4294967295")),
    ]

  @Test(arguments: badTensors)
  func `a tensor that contradicts itself or the file is named`(
    dimensions: [UInt64], type: UInt32, offset: UInt64, fault: TensorFault
  ) {
    var builder = Self.valid
    builder.tensors = []
    builder.addTensor("bad", dimensions: dimensions, type: type, offset: offset)
    let error = #expect(throws: StorageError.self) { try open(builder) }
    switch (error, fault) {
    // Where the data start depends on the header's length.
    case (.invalidTensor("bad", _, .outsideFile), .outsideFile): break
    default:
      #expect(error == .invalidTensor(tensor: "bad", file: name, fault: fault))
    }
  }

  @Test func `tensors that share bytes are refused`() {
    var builder = Self.valid
    builder.addTensor("third", dimensions: [1], offset: 32)
    #expect(throws: StorageError.self) { try open(builder) }
  }

  @Test(arguments: [5, UInt32.max]) func `more dimensions than ggml has are refused`(rank: UInt32) {
    var builder = Self.valid
    builder.addTensor("bad", dimensions: [1, 1, 1, 1, 1], offset: 0, rank: rank)
    #expect(throws: StorageError.self) { try open(builder) }
  }

  @Test func `a file cut anywhere is refused`() throws {
    let whole = Self.valid.bytes
    for length in 0..<(whole.count - 14) {
      #expect(throws: (any Error).self) { try open(whole[..<length]) }
    }
  }

  @Test func `every flipped bit is an error or another valid file`() throws {
    let whole = Self.valid.bytes
    for bit in 0..<(whole.count - 64) * 8 {
      var damaged = whole
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        let file = try open(damaged)
        for tensor in file.tensors.values { #expect(tensor.byteCount <= damaged.count) }
      } catch is StorageError {
      } catch is CheckpointError {}
    }
  }
}
