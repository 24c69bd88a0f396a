import Foundation
import Testing

/// A binary for another processor ends with a sentence, not with a signal.
@Suite struct ProcessorCheckTests {
  /// What this processor has, as the kernel names it; nil where that is not said.
  private static let flags: Set<String>? = {
    #if arch(x86_64)
      return (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))
        .map { Set($0.split(whereSeparator: \.isWhitespace).map(String.init)) }
    #else
      return nil
    #endif
  }()

  /// Processors as the compiler names them, and what each has that is rarest.
  @Test(
    .enabled(if: Shim.compiler != nil && flags != nil, "there is no C compiler, or no x86-64"),
    arguments: [("alderlake", "avx_vnni"), ("sapphirerapids", "avx512_fp16")])
  func `a binary says that an instruction is missing which only new processors have`(
    processor: String, flag: String
  ) throws {
    try CommandRunner.inFolder { runner in
      let compiler = URL(filePath: try #require(Shim.compiler))
      let check = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/CCommit/processor.c")
      let main = try runner.write("int main(void) { return 0; }\n", to: "main.c")
      let program = runner.folder.appending(path: "program")
      func build(_ files: String...) throws -> CommandRunner.Result {
        try runner.run(compiler, ["-march=\(processor)"] + files + ["-o", program.path])
      }
      // An old compiler does not know every processor.
      guard try build(main).status == 0 else { return }
      let built = try build(check.path, main)
      try #require(built.status == 0, "\(built.errors)")
      let result = try runner.run(program, [])
      let isThere = try #require(Self.flags).contains(flag)
      #expect(result.status == (isThere ? 0 : 1))
      #expect(result.errors.isEmpty == isThere)
      #expect(isThere || result.errors.contains("was built for processors with"))
    }
  }
}
