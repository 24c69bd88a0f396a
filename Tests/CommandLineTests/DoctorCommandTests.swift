import Numerics
import Testing

@testable import laser

@Suite struct DoctorCommandTests {
  private func facts(
    built: Processor.Vectors = .init(bits: 512, multipliesBytes: true),
    here: Processor.Vectors = .init(bits: 512, multipliesBytes: true), threads: Int = 2,
    kernel: String? = nil, freeMemory: UInt64? = 8 << 30, models: [String] = ["a.gguf"]
  ) -> MachineFacts {
    MachineFacts(
      processor: "some processor", built: built, here: here, threads: threads, processors: 2,
      blas: "OpenBLAS", blasKernel: kernel, memory: 16 << 30, freeMemory: freeMemory,
      models: models)
  }

  @Test func `A machine that has everything gets no advice`() {
    #expect(facts().advice.isEmpty)
  }

  @Test func `A binary built for less than the processor has is to be built anew`() {
    let advice = facts(built: .init(bits: 0, multipliesBytes: false)).advice
    #expect(advice.count == 1)
    #expect(advice[0].contains("-march=native") && advice[0].contains("AVX-512 with VNNI"))
  }

  @Test func `A processor without vectors is said to be slow, and nothing can be done`() {
    let plain = Processor.Vectors(bits: 0, multipliesBytes: false)
    let advice = facts(built: plain, here: plain).advice
    #expect(advice.count == 1)
    #expect(advice[0].contains("several times slower"))
  }

  @Test(arguments: [
    ("OPENBLAS_CORETYPE is Haswell", "Haswell", 2, UInt64(8) << 30, ["a.gguf"]),
    ("1 of 2 processors", nil, 1, UInt64(8) << 30, ["a.gguf"]),
    ("less than 1 GB", nil, 2, UInt64(1) << 29, ["a.gguf"]),
    ("make model", nil, 2, UInt64(8) << 30, []),
  ])
  func `Each thing that slows has its sentence`(
    sentence: String, kernel: String?, threads: Int, freeMemory: UInt64, models: [String]
  ) {
    let advice = facts(threads: threads, kernel: kernel, freeMemory: freeMemory, models: models)
      .advice
    #expect(advice.count == 1)
    #expect(advice.first?.contains(sentence) == true)
  }

  @Test func `The command prints what the machine has, and the same as one JSON object`() throws {
    try CommandRunner.inFolder { runner in
      let text = try runner.laser("doctor")
      #expect(text.status == 0)
      for name in ["processor", "vectors", "threads", "BLAS", "memory"] {
        #expect(text.output.contains(name))
      }
      let object = try #require(try runner.laser("doctor", "--json").objects().first)
      #expect((object["threads"] as? Int ?? 0) > 0)
      #expect(object["instructions_here"] as? String == Processor.here.name)
    }
  }

  @Test func `Without arguments three commands to start with are shown`() throws {
    try CommandRunner.inFolder { runner in
      let output = try runner.laser().output
      for command in ["laser doctor", "laser generate", "laser search"] {
        #expect(output.contains(command))
      }
    }
  }
}
