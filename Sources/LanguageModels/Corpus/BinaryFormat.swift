/// Formats that people hand in instead of text, told by the first bytes of a file.
enum BinaryFormat {
  private static let formats: [(start: [UInt8], name: String)] = [
    (Array("PAR1".utf8), "a Parquet file"), (Array("GGUF".utf8), "a GGUF model"),
    ([0x1F, 0x8B], "compressed with gzip"),
    ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive"), ([0xFD, 0x37, 0x7A], "compressed with xz"),
    ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd"),
    (Array("BZh".utf8), "compressed with bzip2"),
    ([0xFF, 0xFE], "in UTF-16"), ([0xFE, 0xFF], "in UTF-16"), ([0x80, 0x04], "a Python pickle"),
  ]

  /// What a file that begins like this is; nil for what may be a text.
  static func name(of bytes: some Sequence<UInt8>) -> String? {
    formats.first { bytes.starts(with: $0.start) }?.name
  }
}
