import Sokoban
import Testing

@testable import DecisionTransformer

@Suite struct PolicyConfigurationTests {
  @Test func `the width takes the MLP's with it`() throws {
    var configuration = PolicyConfiguration()
    configuration.setWidth(96)
    #expect(configuration.width == 96)
    #expect(configuration.mlpWidth == 384)
    try configuration.validate()
  }

  @Test(arguments: [Int.max, Int.min, 0, 16_385])
  func `a width that makes no model is refused, however large`(width: Int) {
    var configuration = PolicyConfiguration()
    configuration.setWidth(width)
    #expect(
      throws: ConfigurationError.outOfRange(key: "hidden_size", value: width, range: 1...16_384)
    ) { try configuration.validate() }
  }

  @Test func `a context whose scores would fill the memory is refused`() throws {
    var configuration = PolicyConfiguration()
    configuration.contextSteps = 1_024
    try configuration.validate()
    configuration.contextSteps = 1_025
    #expect(
      throws: ConfigurationError.outOfRange(key: "context_steps", value: 1_025, range: 1...1_024)
    ) { try configuration.validate() }
  }

  @Test(arguments: [1, 3, 5])
  func `a policy has the four actions of the game`(actions: Int) throws {
    var configuration = PolicyConfiguration()
    configuration.actions = actions
    let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
    #expect(error?.description == "act_dim is \(actions), expected 4")
  }

  @Test(arguments: [-1, 65])
  func `an encoder cannot have so many residual blocks`(blocks: Int) {
    var configuration = PolicyConfiguration()
    configuration.encoder.residualBlocks = blocks
    #expect(
      throws: ConfigurationError.outOfRange(
        key: "encoder.residual_blocks", value: blocks, range: 0...64)
    ) { try configuration.validate() }
  }

  @Test func `a picture that is all ring cannot be trimmed`() throws {
    var configuration = PolicyConfiguration()
    configuration.encoder.trimsRing = true
    configuration.pictureWidth = 3
    try configuration.validate()
    configuration.pictureWidth = 2
    #expect(throws: ConfigurationError.nothingInsideRing(height: 10, width: 2)) {
      try configuration.validate()
    }
  }

  @Test func `episodes are as long as the environment's unless told otherwise`() {
    #expect(PolicyConfiguration().maximumSteps == EnvironmentBatch.defaultMaxSteps)
    #expect(RolloutOptions().maximumSteps == EnvironmentBatch.defaultMaxSteps)
  }
}
