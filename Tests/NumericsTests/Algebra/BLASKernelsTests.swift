import Numerics
import Testing

@Suite struct BLASKernelsTests {
  @Test(arguments: ["Prescott", "Core2", "Nehalem", "Sandybridge"])
  func `Kernels without AVX2 give way on a processor that has it`(chosen: String) {
    #expect(BLASKernels.better(than: chosen, bits: 512, asked: nil) == "Haswell")
    #expect(BLASKernels.better(than: chosen, bits: 256, asked: "") == "Haswell")
  }

  @Test func `They stay on a processor without AVX2`() {
    #expect(BLASKernels.better(than: "Prescott", bits: 0, asked: nil) == nil)
  }

  @Test func `They stay where the environment asks for them`() {
    #expect(BLASKernels.better(than: "Prescott", bits: 512, asked: "Prescott") == nil)
  }

  @Test(arguments: ["Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids"])
  func `Kernels with AVX2 stay`(chosen: String) {
    #expect(BLASKernels.better(than: chosen, bits: 512, asked: nil) == nil)
  }

  @Test func `After a product the kernels in use are right for this processor`() {
    let one = Matrix(rows: 1, columns: 1, values: [2])
    #expect(one.multiplied(by: one).values == [4])
    #expect(
      BLASKernels.better(than: BLASKernels.current, bits: Processor.here.bits, asked: nil) == nil)
  }
}
