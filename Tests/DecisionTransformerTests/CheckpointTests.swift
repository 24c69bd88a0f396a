import Files
import Numerics
import Foundation
import LaserOps
import Testing

@testable import DecisionTransformer

@Suite struct CheckpointTests {
  /// A saved policy, to be damaged.
  private func saved() throws -> (folder: TemporaryFolder, policy: Policy) {
    let folder = try TemporaryFolder()
    let policy = try Policy(untrained: SmallRooms.configuration, seed: 5)
    try policy.save(to: folder.url)
    return (folder, policy)
  }

  private func model(_ folder: TemporaryFolder) -> URL {
    folder.url.appendingPathComponent("model.safetensors")
  }

  /// Writes the model's file again with some of its tensors changed.
  private func rewrite(
    _ folder: TemporaryFolder, _ change: (String, [Int], inout [Float]) -> [Int]?
  ) throws {
    let file = try SafetensorsFile(model(folder))
    let entries = file.tensors.values.compactMap { tensor -> SafetensorsEntry? in
      var values = tensor.withBytes { Array($0.bindMemory(to: Float.self)) }
      return change(tensor.name, tensor.shape, &values).map {
        SafetensorsEntry(tensor.name, shape: $0, values: values)
      }
    }
    try SafetensorsFile.write(entries, to: model(folder))
  }

  private func changeSettings(_ folder: TemporaryFolder, _ old: String, _ new: String) throws {
    let url = folder.url.appendingPathComponent("config.json")
    let text = try String(contentsOf: url, encoding: .utf8)
    #expect(text.contains(old))
    try AtomicFile.write(text.replacingOccurrences(of: old, with: new), to: url)
  }

  @Test func `a policy comes back as it was saved`() throws {
    let (folder, policy) = try saved()
    let loaded = try Policy(contentsOf: folder.url)
    #expect(loaded.configuration == policy.configuration)
    #expect(loaded.parameters.values == policy.parameters.values)
    #expect(loaded.fingerprint == policy.fingerprint)
  }

  @Test func `an edited policy is saved with its edit multiplied out`() throws {
    let (folder, policy) = try saved()
    let edited = try policy.applying([Intervention(parsing: "Wk:1:0.1")])
    try edited.save(to: folder.url)
    let loaded = try Policy(contentsOf: folder.url)
    let site = WeightSite(.key, layer: 1)
    #expect(loaded.weight(at: site).matrix == edited.weight(at: site).matrix)
    #expect(loaded.fingerprint == edited.fingerprint)
  }

  @Test func `names and shapes are Hugging Face's where the part is the same`() throws {
    let (folder, _) = try saved()
    let file = try SafetensorsFile(model(folder))
    #expect(try file.tensor("encoder.h.1.attn.c_attn.weight").shape == [32, 96])
    #expect(try file.tensor("encoder.h.0.mlp.c_proj.weight").shape == [64, 32])
    #expect(try file.tensor("embed_action.weight").shape == [32, 4])
    #expect(try file.tensor("embed_return.weight").shape == [32, 1])
    #expect(try file.tensor("predict_action.0.weight").shape == [4, 32])
    #expect(try file.tensor("embed_timestep.weight").shape == [24, 32])
  }

  @Test(arguments: [0.2, 0.9, 0.999])
  func `a file cut short is refused`(share: Double) throws {
    let (folder, _) = try saved()
    let data = try Data(contentsOf: model(folder))
    try data.prefix(Int(Double(data.count) * share)).write(to: model(folder))
    #expect(throws: StorageError.self) { try Policy(contentsOf: folder.url) }
  }

  @Test(arguments: [Float.nan, .infinity])
  func `a number that is not finite is found and named`(value: Float) throws {
    let (folder, _) = try saved()
    try rewrite(folder) { name, shape, values in
      if name == "encoder.ln_f.bias" { values[3] = value }
      return shape
    }
    #expect(
      throws: PolicyCheckpointError.notFinite(
        tensor: "encoder.ln_f.bias", file: model(folder).path, index: 3)
    ) { try Policy(contentsOf: folder.url) }
  }

  @Test func `a wrong shape, a missing tensor and a stray one are named`() throws {
    let (folder, policy) = try saved()
    try rewrite(folder) { name, shape, _ in
      name == "encoder.h.0.attn.c_attn.weight" ? [96, 32] : shape
    }
    #expect(
      throws: StorageError.wrongShape(
        tensor: "encoder.h.0.attn.c_attn.weight", file: model(folder).path,
        expected: [32, 96], found: [96, 32])
    ) { try Policy(contentsOf: folder.url) }

    try policy.save(to: folder.url)
    try rewrite(folder) { name, shape, _ in name == "encoder.ln_f.bias" ? nil : shape }
    #expect(
      throws: StorageError.missingTensor(tensor: "encoder.ln_f.bias", file: model(folder).path)
    ) { try Policy(contentsOf: folder.url) }

    try policy.save(to: folder.url)
    var entries = try SafetensorsFile(model(folder)).tensors.values.map {
      SafetensorsEntry($0.name, copying: $0)
    }
    entries.append(SafetensorsEntry("embed_ln.weight", [1, 2]))
    try SafetensorsFile.write(entries, to: model(folder))
    #expect(
      throws: PolicyCheckpointError.unexpectedTensor("embed_ln.weight", file: model(folder).path)
    ) { try Policy(contentsOf: folder.url) }
  }

  @Test func `a folder without settings, a file and nothing at all are no policy`() throws {
    let (saved, _) = try saved()
    let folder = saved.url
    let file = folder.appendingPathComponent("model.safetensors")
    for url in [file, folder.appendingPathComponent("nowhere")] {
      #expect(throws: PolicyCheckpointError.noPolicy(path: url.path)) {
        try Policy(contentsOf: url)
      }
    }
    try FileManager.default.removeItem(at: folder.appendingPathComponent("config.json"))
    #expect(throws: PolicyCheckpointError.noPolicy(path: folder.path)) {
      try Policy(contentsOf: folder)
    }
  }

  @Test func `settings of another model, without a key, or with impossible sizes are refused`()
    throws
  {
    let (folder, policy) = try saved()
    let path = folder.url.appendingPathComponent("config.json").path
    try changeSettings(folder, "decision_transformer", "gpt2")
    #expect(throws: PolicyCheckpointError.unknownModelType(file: path, found: "gpt2")) {
      try Policy(contentsOf: folder.url)
    }
    try policy.save(to: folder.url)
    try changeSettings(folder, "n_head", "heads")
    #expect(
      throws: PolicyCheckpointError.badSettings(file: path, reason: "the key 'n_head' is missing")
    ) { try Policy(contentsOf: folder.url) }
    try policy.save(to: folder.url)
    try changeSettings(folder, "\"n_head\" : 2", "\"n_head\" : 5")
    #expect(
      throws: PolicyCheckpointError.badSettings(
        file: path,
        reason: "\(ConfigurationError.headsDoNotDivideWidth(heads: 5, width: 32))")
    ) { try Policy(contentsOf: folder.url) }
    try policy.save(to: folder.url)
    try changeSettings(folder, "\"hidden_size\" : 32", "\"hidden_size\" : 4096")
    #expect(throws: StorageError.self) { try Policy(contentsOf: folder.url) }
    try changeSettings(folder, "\"n_layer\" : 2", "\"n_layer\" : 1024")
    #expect(throws: PolicyCheckpointError.self) { try Policy(contentsOf: folder.url) }
    try policy.save(to: folder.url)
    try changeSettings(folder, "{", "{{")
    let fault = JSONFault.unexpected(offset: 1, expected: "a string")
    #expect(
      throws: PolicyCheckpointError.badSettings(
        file: path, reason: "it is not valid JSON: \(fault)")
    ) { try Policy(contentsOf: folder.url) }
  }

  @Test(arguments: [
    ("n_inner", "1.5", "'n_inner' has the value 1.5"),
    ("max_ep_len", "99999999999999999999", "'max_ep_len' has the value 1e+20"),
    ("return_scale", "1e300", "'return_scale' has the value 1e+300"),
    ("n_layer", "\"two\"", "the value of 'n_layer' is of the wrong kind"),
  ])
  func `a number that does not fit is not called bad syntax`(
    key: String, value: String, reason: String
  ) throws {
    let (folder, _) = try saved()
    let url = folder.url.appendingPathComponent("config.json")
    let text = try String(contentsOf: url, encoding: .utf8).replacingOccurrences(
      of: "\"\(key)\" : [^,\n]+", with: "\"\(key)\" : \(value)", options: .regularExpression)
    try AtomicFile.write(text, to: url)
    let error = try #require(throws: PolicyCheckpointError.self) {
      try PolicyConfiguration(contentsOf: folder.url)
    }
    #expect(error.description.hasPrefix("\(url.path) cannot be used: \(reason)"))
  }

  @Test func `the configuration is read without the weights`() throws {
    let (folder, policy) = try saved()
    try FileManager.default.removeItem(at: model(folder))
    #expect(try PolicyConfiguration(contentsOf: folder.url) == policy.configuration)
  }

  @Test func `a policy of before there were residual blocks, focus and plans has none`() throws {
    let folder = try TemporaryFolder()
    var configuration = SmallRooms.configuration
    configuration.encoder.residualBlocks = 0
    try Policy(untrained: configuration, seed: 5).save(to: folder.url)
    let later = [
      "\"focus_heads\" : 0", "\"reads_plan\" : false", "\"residual_blocks\" : 0",
      "\"trims_ring\" : false",
    ].joined(separator: ",\n    ")
    try changeSettings(folder, "],\n    \(later)", "]")
    #expect(try Policy(contentsOf: folder.url).configuration == configuration)
  }

  @Test func `a folder that cannot be written is an error`() throws {
    let (folder, policy) = try saved()
    let file = folder.url.appendingPathComponent("file")
    try AtomicFile.write("text", to: file)
    #expect(throws: FileError.cannotWrite(path: file.path, code: EEXIST)) {
      try policy.save(to: file)
    }
  }
}
