internal import Foundation
internal import Numerics

/// What a checkpoint has and its model did not ask for: with it, it would be another model.
extension Checkpoint {
  /// Refuses what changes the arithmetic and warns of the rest.
  ///
  /// - Throws: `CheckpointError.unreadTensors`, ``LanguageModelError/misspelt(key:as:file:)``.
  func requireAllRead(by architecture: String) throws {
    guard case .folder(let url, let folder) = source else {
      try names?.requireAllRead()
      return
    }
    let unread = Set(folder.tensors.keys).subtracting(tensorLog.names)
      .filter { name in !Self.buffers.contains { name.hasSuffix($0) } }
    let layers = Set(tensorLog.names.compactMap(Self.layerPrefix))
    let inLayers = unread.filter { Self.layerPrefix($0).map(layers.contains) ?? false }
    guard inLayers.isEmpty else {
      throw CheckpointError.unreadTensors(
        inLayers.sorted(), file: folder.path, architecture: architecture)
    }
    let others = unread.filter { name in !Self.neighbours.contains { name.contains($0) } }.sorted()
    let file = url.appendingPathComponent("config.json").path
    var warnings = try unreadKeys(file)
    if !others.isEmpty {
      warnings.append(
        "\(folder.path) has tensors that the model has no use for: "
          + others.prefix(5).joined(separator: ", ")
          + (others.count > 5 ? " and \(others.count - 5) more" : ""))
    }
    keyLog.warnings = warnings
  }

  /// Warnings about keys of the configuration that were not asked for.
  ///
  /// - Throws: ``LanguageModelError/misspelt(key:as:file:)``.
  private func unreadKeys(_ file: String) throws -> [String] {
    var unread: [String] = []
    for (path, object) in keyLog.objects.sorted(by: { $0.key < $1.key }) {
      let keys = object.keys.filter {
        !object.asked.contains($0) && !ConfigurationKeys.isNeutral($0)
      }
      let absent = object.asked.subtracting(object.keys)
      for key in keys {
        if let meant = ConfigurationKeys.meant(by: key, among: absent) {
          throw LanguageModelError.misspelt(key: key, as: meant, file: file)
        }
      }
      // What is switched off is nothing.
      unread += keys.filter(object.isOn).map { path.isEmpty ? $0 : "\(path).\($0)" }
    }
    guard !unread.isEmpty else { return [] }
    return [
      "\(file) has keys that nothing here knows, and the model may be another one: "
        + unread.sorted().prefix(8).joined(separator: ", ")
        + (unread.count > 8 ? " and \(unread.count - 8) more" : "")
    ]
  }

  /// What comes before the first number of a name, such as `model.layers.`; nil for a name without one.
  private static func layerPrefix(_ name: String) -> String? {
    let parts = name.split(separator: ".")
    guard let index = parts.firstIndex(where: { Int($0) != nil }) else { return nil }
    return parts[..<index].joined(separator: ".")
  }

  /// The ends of names of masks and frequencies that old versions of transformers saved: they follow from the
  /// configuration.
  private static let buffers = [
    ".attn.bias", ".attn.masked_bias", ".attention.bias", ".attention.masked_bias",
    "rotary_emb.inv_freq", ".attn.rotary_emb.inv_freq", "embeddings.position_ids",
    "embeddings.token_type_ids", ".rope.freqs",
  ]

  /// Parts of names of what stands beside a language model and is not used by it.
  private static let neighbours = [
    ".pooler.", "cls.seq_relationship.", "vision_tower.", "vision_model.", "multi_modal_projector.",
  ]
}
