import Numerics
import Testing

@Suite struct BLASKernelsTests {
  @Test(arguments: ["Prescott", "Core2", "Nehalem", "Sandybridge"])
  func `Kernels without AVX2 give way on a processor that has it`(chosen: String) {
    func better(_ bits: Int, _ asked: String?) -> String? {
      BLASKernels.better(than: chosen, of: "0.3.21", bits: bits, asked: asked)
    }
    #expect(better(512, nil) == "SkylakeX")
    #expect(better(256, "") == "Haswell")
  }

  @Test(arguments: ["0.3.5", "0.3.15.dev", "0.2.20", "unknown", ""])
  func `Kernels for AVX-512 of releases that had faulty ones are not chosen`(release: String) {
    #expect(
      BLASKernels.better(than: "Prescott", of: release, bits: 512, asked: nil) == "Haswell")
  }

  @Test(arguments: ["0.3.16", "0.3.29.dev", "1.0"])
  func `Those of later releases are`(release: String) {
    #expect(
      BLASKernels.better(than: "Prescott", of: release, bits: 512, asked: nil) == "SkylakeX")
  }

  @Test func `They stay on a processor without AVX2`() {
    #expect(BLASKernels.better(than: "Prescott", of: "0.3.21", bits: 0, asked: nil) == nil)
  }

  @Test func `They stay where the environment asks for them`() {
    #expect(BLASKernels.better(than: "Prescott", of: "0.3.21", bits: 512, asked: "Prescott") == nil)
  }

  @Test(arguments: ["Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids"])
  func `Kernels with AVX2 stay`(chosen: String) {
    #expect(BLASKernels.better(than: chosen, of: "0.3.21", bits: 512, asked: nil) == nil)
  }

  @Test func `After a product the kernels in use are right for this processor`() {
    let one = Matrix(rows: 1, columns: 1, values: [2])
    #expect(one.multiplied(by: one).values == [4])
    #expect(
      BLASKernels.better(
        than: BLASKernels.current, of: BLASKernels.release, bits: Processor.here.bits, asked: nil)
        == nil)
  }
}
