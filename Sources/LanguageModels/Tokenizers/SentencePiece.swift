internal import Numerics

/// One piece of a sentencepiece model.
struct SentencePiece: Equatable, Sendable {
  /// The codes of `sentencepiece_model.proto`, and of GGUF.
  enum Kind: Int, Sendable {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  var text = ""
  var score = 0.0
  var kind = Kind.normal
}

/// A sentencepiece `tokenizer.model`: what of it Llama's tokenizer needs.
///
/// The file is read here, and not by libsentencepiece, because that library is C++, which Swift cannot call without
/// a shim of our own, and only the encoding of byte pairs is needed, which byte-level tokenizers share.
struct SentencePieceModel: Equatable, Sendable {
  var pieces: [SentencePiece] = []
  /// 1 unigram, 2 byte pairs, 3 words, 4 characters.
  var modelType: UInt64 = 1
  var addsDummyPrefix = true
  var removesExtraWhitespaces = true
  var escapesWhitespaces = true
  /// The compiled normalization is not the identity.
  var hasCharacterMap = false

  /// Reads the protobuf message `ModelProto`.
  ///
  /// - Throws: `StorageError`.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws {
    var reader = ByteReader(bytes, file: file)
    try reader.eachField { field, reader in
      switch (field.number, field.content) {
      case (1, .bytes(let message)): pieces.append(try Self.piece(message, file: file))
      case (2, .bytes(let message)): try readTrainer(message, file: file)
      case (3, .bytes(let message)): try readNormalizer(message, file: file)
      default: break
      }
    }
  }

  private static func piece(_ message: UnsafeRawBufferPointer, file: String) throws -> SentencePiece
  {
    var piece = SentencePiece()
    var reader = ByteReader(message, file: file)
    try reader.eachField { field, _ in
      switch (field.number, field.content) {
      case (1, .bytes(let text)):
        guard let text = String(validating: text, as: UTF8.self) else {
          throw StorageError.malformed(file: file, part: "a piece", expected: "valid UTF-8")
        }
        piece.text = text
      case (2, .fixed32(let bits)): piece.score = Double(Float(bitPattern: bits))
      case (3, .varint(let code)):
        guard let kind = Int(exactly: code).flatMap(SentencePiece.Kind.init) else {
          throw StorageError.tooLarge(
            file: file, part: "the type of the piece '\(piece.text)'", limit: 6, found: code)
        }
        piece.kind = kind
      default: break
      }
    }
    return piece
  }

  private mutating func readTrainer(_ message: UnsafeRawBufferPointer, file: String) throws {
    var reader = ByteReader(message, file: file)
    try reader.eachField { field, _ in
      if case (3, .varint(let type)) = (field.number, field.content) { modelType = type }
    }
  }

  private mutating func readNormalizer(_ message: UnsafeRawBufferPointer, file: String) throws {
    var reader = ByteReader(message, file: file)
    try reader.eachField { field, _ in
      switch (field.number, field.content) {
      case (2, .bytes(let map)): hasCharacterMap = !map.isEmpty
      case (3, .varint(let flag)): addsDummyPrefix = flag != 0
      case (4, .varint(let flag)): removesExtraWhitespaces = flag != 0
      case (5, .varint(let flag)): escapesWhitespaces = flag != 0
      default: break
      }
    }
  }
}

/// One field of a protobuf message.
struct ProtobufField {
  /// A value of one of the wire types.
  enum Content {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(UnsafeRawBufferPointer)
    case fixed32(UInt32)
  }

  let number: UInt64
  let content: Content
}

extension ByteReader {
  /// Calls `body` with every field up to the end.
  ///
  /// - Throws: `StorageError`: cut short, or no protobuf message; what `body` throws.
  mutating func eachField(
    _ body: (ProtobufField, inout ByteReader) throws -> Void
  ) throws {
    while remaining > 0 {
      let tag = try varint()
      let content: ProtobufField.Content
      switch tag & 7 {
      case 0: content = .varint(try varint())
      case 1: content = .fixed64(try integer(UInt64.self, "a field"))
      case 2: content = .bytes(try take(try varint(), "a field"))
      case 5: content = .fixed32(try integer(UInt32.self, "a field"))
      default:
        throw StorageError.malformed(
          file: file, part: "the field at byte \(offset)",
          expected: "a protobuf field; is it a sentencepiece model?")
      }
      try body(ProtobufField(number: tag >> 3, content: content), &self)
    }
  }

  /// Seven bits a byte, lowest first.
  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let byte = try integer(UInt8.self, "a number")
      // The tenth byte has room for one bit only; the rest falls off, as in the reference reader.
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    throw StorageError.malformed(
      file: file, part: "the number at byte \(offset)", expected: "at most ten bytes long")
  }
}
