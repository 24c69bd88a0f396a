internal import Numerics

extension Checkpoint {
  /// Parts of names that only quantised weights have, and the method that writes them.
  private static let marks = [
    (suffix: ".qweight", method: "GPTQ or AWQ"), (suffix: ".qzeros", method: "GPTQ or AWQ"),
    (suffix: ".weight_scale", method: "float8 or compressed-tensors"),
    (suffix: ".weight_scale_inv", method: "float8"),
    (suffix: ".weight_packed", method: "compressed-tensors"),
    (suffix: ".absmax", method: "bitsandbytes"), (suffix: ".SCB", method: "bitsandbytes"),
    (suffix: "_blocks", method: "MXFP4"),
  ]

  /// Refuses a folder whose weights are stored by a method of quantisation: they are codes, not values.
  ///
  /// - Throws: ``LanguageModelError/quantised(method:file:)``.
  func refuseQuantised(_ reader: ConfigurationReader) throws {
    guard case .folder(_, let folder) = source else { return }
    if let section = try reader.object("quantization_config")
      ?? reader.object("compression_config")
    {
      let method = try section.string("quant_method") ?? "a method without a name"
      throw LanguageModelError.quantised(method: method, file: reader.file)
    }
    for name in folder.tensors.keys.sorted() {
      if let mark = Self.marks.first(where: { name.hasSuffix($0.suffix) }) {
        throw LanguageModelError.quantised(
          method: "\(mark.method) (tensor '\(name)')", file: folder.path)
      }
    }
  }
}
